/** The syntax tree that `@huggingface/jinja` parses templates into. */

/** A syntax node of `@huggingface/jinja`, whose own classes are not exported. */
export interface JinjaNode {
  type: string;
  value?: unknown;
  body?: JinjaNode[];
  alternate?: JinjaNode[];
  defaultBlock?: JinjaNode[];
  test?: JinjaNode;
  condition?: JinjaNode;
  trueExpr?: JinjaNode;
  falseExpr?: JinjaNode;
  loopvar?: JinjaNode;
  iterable?: JinjaNode;
  lhs?: JinjaNode;
  assignee?: JinjaNode;
  name?: JinjaNode;
  object?: JinjaNode;
  property?: JinjaNode;
  computed?: boolean;
  start?: JinjaNode;
  stop?: JinjaNode;
  step?: JinjaNode;
  callee?: JinjaNode;
  args?: JinjaNode[];
  key?: JinjaNode;
  operator?: { value: string };
  argument?: JinjaNode;
  left?: JinjaNode;
  right?: JinjaNode;
  operand?: JinjaNode;
  negate?: boolean;
  filter?: JinjaNode;
}

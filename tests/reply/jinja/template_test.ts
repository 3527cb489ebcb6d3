import assert from "node:assert/strict";
import { compileJinja } from "../../../lib/reply/jinja/template.ts";
import { runPython } from "../../python.ts";

const render = (text: string, variables: Record<string, unknown> = {}) =>
  compileJinja(text, "t")(variables);

Deno.test("string methods and filters give what they give in Python", async () => {
  const texts = [
    "",
    " a ",
    "\ufeff a\x1f",
    "\n\nb\n",
    "xx😀yy",
    "\x85\u2028c d  e",
    "</think>\n\nf",
    "ß",
  ];
  const expressions = [
    "x | trim",
    "x.strip()",
    "x.strip('\\n')",
    "x.lstrip('\\n x')",
    "x.rstrip()",
    "x | trim | length",
    "x.split()",
    "x.split() | length",
    "x.split('</think>')[-1].lstrip('\\n')",
    "x.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n')",
    "x[:3]",
    "x[::-1]",
    "x | length > 3",
    "[x, x] | length",
    "x | upper",
    "(x ~ 1) | trim",
    "5 | trim",
    "x | tojson",
    "{'a': [x, 1, none, true]} | tojson",
    "x.strip().startswith('a')",
    "'a' in x",
    "x | replace('a', 'b')",
    "(namespace(y=x).y | trim) + '!'",
    "range(3) | list | tojson",
  ];
  const templates = expressions.map((expression) =>
    /split\(\)$|strip\(\)\.starts|' in |> 3/.test(expression)
      ? `{% if ${expression} %}yes{% else %}no{% endif %}`
      : `{{ ${expression} }}`
  );
  const program = `
import json, sys
from transformers.utils.chat_template_utils import _compile_jinja_template
job = json.load(sys.stdin)
compiled = [_compile_jinja_template(t) for t in job["templates"]]
json.dump([[t.render(x=x) for x in job["texts"]] for t in compiled], sys.stdout)
`;
  const stdin = JSON.stringify({ templates, texts });
  const expected = JSON.parse(await runPython(program, [], { stdin }));
  for (const [i, template] of templates.entries()) {
    assert.deepEqual(texts.map((x) => render(template, { x })), expected[i], template);
  }
});

Deno.test("line ends of every kind are one in a template", () => {
  assert.equal(render("a\r\n{% if true %}\r\nb\r{% endif %}\nc"), "a\nb\nc");
});

Deno.test("generation marks render to nothing", () => {
  const text =
    "{{ 'a' }}{% generation %}{{ ' b' }}{% endgeneration %}\n    {%- if true %}c{% endif %}";
  assert.equal(render(text), "a bc");
});

Deno.test("what a template raises is told in one line with its place", () => {
  assert.throws(() => render("{{ raise_exception('Roles must\nalternate') }}"), {
    name: "InputError",
    message: "t: Roles must alternate",
  });
});

Deno.test("variables win over globals of the same name", () => {
  assert.equal(render("{{ range }}{{ namespace }}", { range: "r", namespace: "n" }), "rn");
});

Deno.test("a template that will not end, or grows without end, is stopped", () => {
  const nested = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
  const stopped: [string, RegExp][] = [
    ["{{ range(100001) | length }}", /range\(\) of more than 100000 items/],
    ["{{ range(0, 10, 0) | length }}", /range\(\) of more than/],
    [nested, /stopped: the template takes too many steps/],
    [
      `{% for a in range(9999) %}${"{{ a }}".repeat(2000)}{% endfor %}`,
      /stopped: the template takes/,
    ],
    [
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
      /stopped: the template gives too much text/,
    ],
    [
      "{% set n = namespace(l=[1, 2]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}",
      /stopped: the template gives too much text/,
    ],
    ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", /./],
    ["{{ x | indent(99999999999) }}", /Invalid|too much/],
    [`{{ ${"'a' + ".repeat(100_000)}'a' }}`, /Maximum call stack size exceeded/],
    [" ".repeat(1_000_001), /longer than 1000000 characters/],
  ];
  for (const [text, rule] of stopped) {
    assert.throws(() => render(text, { x: "a\nb" }), (error: Error) => {
      assert.equal(error.name, "InputError");
      assert.match(error.message, rule);
      return true;
    });
  }
});

Deno.test("a long chat is not taken for a template out of bounds", () => {
  const long = "word ".repeat(4_000_000);
  const text = "{% for m in messages %}{{ '<' + m.content | trim + '>' }}{% endfor %}";
  assert.equal(render(text, { messages: [{ content: long }] }).length, long.trim().length + 2);
});

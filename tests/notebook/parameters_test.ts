import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../lib/core/errors.ts";
import type { Notebook } from "../../lib/notebook/notebook_file.ts";
import {
  declaredParameters,
  injectParameters,
  parseParameters,
} from "../../lib/notebook/parameters.ts";

function notebook(...cells: [source: string, ...tags: string[]][]): Notebook {
  return {
    cells: cells.map(([source, ...tags]) => ({ cell_type: "code", metadata: { tags }, source })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

Deno.test("--set takes any JSON value, and the name up to the first equals sign", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const json = JSON.stringify(value);
    assert.deepEqual(parseParameters([`some_name=${json}`]), { some_name: JSON.parse(json) });
  }));
  assert.deepEqual(parseParameters(['a="x=y"', "b=2"]), { a: "x=y", b: 2 });
});

Deno.test("--set is refused without a name, without a value, and with a value that is not JSON", () => {
  for (const flag of ["=1", "a", "a b=1", "a.b=1", "a=text", "a=", 'a="x" b']) {
    assert.throws(() => parseParameters([flag]), InputError, flag);
  }
});

Deno.test("the parameters are what the tagged cell declares with let", () => {
  const source =
    'let out = "runs/x"; // where\n  let n: number = 8;\nconst fixed = 1;\n// let no = 1';
  assert.deepEqual(declaredParameters(notebook(["let other = 1"], [source, "parameters"])), [
    "out",
    "n",
  ]);
  assert.deepEqual(declaredParameters(notebook(["let other = 1"])), []);
});

Deno.test("values are assigned in a cell of their own after the tagged one", () => {
  const before = notebook(["1"], ["let n = 8;\nlet out = 'x';", "parameters"], ["n"]);
  const { cells } = injectParameters(before, { n: 2, out: 'a"\n', unknown: 1 });
  assert.deepEqual(cells.map((cell) => cell.metadata.tags), [
    [],
    ["parameters"],
    ["injected-parameters"],
    [],
  ]);
  assert.equal(cells[2]!.source, '// Parameters\nn = 2;\nout = "a\\"\\n";');
  assert.equal(before.cells.length, 3, "the notebook given is not changed");
});

Deno.test("an injected cell of an earlier run is replaced", () => {
  const once = injectParameters(notebook(["let n = 8;", "parameters"], ["n"]), { n: 2 });
  const twice = injectParameters(once, { n: 3 });
  assert.deepEqual(twice.cells.map((cell) => cell.source), [
    "let n = 8;",
    "// Parameters\nn = 3;",
    "n",
  ]);
});

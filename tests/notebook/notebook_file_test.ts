import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { formatNotebook, readNotebook } from "../../lib/notebook/notebook_file.ts";

async function withFile(text: string, check: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "x.ipynb");
    await Deno.writeTextFile(path, text);
    await check(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** As Jupyter writes it, with fields that thinkset does not know. */
const WRITTEN = JSON.stringify(
  {
    cells: [
      { cell_type: "markdown", id: "a", metadata: {}, source: ["# Title\n", "text"] },
      {
        cell_type: "code",
        execution_count: 2,
        id: "b",
        metadata: { collapsed: true, tags: ["parameters"] },
        outputs: [
          { name: "stdout", output_type: "stream", text: ["one\n", "two\n"] },
          {
            data: { "text/plain": ["4", "2"], "application/json": { k: [1] } },
            execution_count: 2,
            metadata: {},
            output_type: "execute_result",
          },
          { ename: "E", evalue: "v", output_type: "error", traceback: ["t"] },
        ],
        source: ["let a = 1;\n", "\n", "a"],
      },
    ],
    metadata: { kernelspec: { display_name: "Deno", name: "deno" }, custom: { x: 1 } },
    nbformat: 4,
    nbformat_minor: 5,
  },
);

Deno.test("a notebook that is read and written again is the same notebook", async () => {
  await withFile(WRITTEN, async (path) => {
    const notebook = await readNotebook(path);
    assert.equal(notebook.cells[1]!.source, "let a = 1;\n\na");
    assert.deepEqual(JSON.parse(formatNotebook(notebook)), JSON.parse(WRITTEN));
  });
});

Deno.test("a notebook is written with one space of indent and a last line break", async () => {
  await withFile(WRITTEN, async (path) => {
    const text = formatNotebook(await readNotebook(path));
    assert.equal(text.split("\n")[3], '   "cell_type": "markdown",');
    assert.ok(text.endsWith("}\n"));
  });
});

Deno.test("a file that is no notebook is refused in one line that names it", async () => {
  const cases: [string, RegExp][] = [
    ["{", /x\.ipynb: cannot be read as a notebook: /],
    [JSON.stringify({ cells: [], metadata: {}, nbformat: 3, nbformat_minor: 0 }), /nbformat/],
    [
      JSON.stringify({
        cells: [{ cell_type: "code", metadata: {}, source: 7 }],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5,
      }),
      /cells\[0\]\.source/,
    ],
  ];
  for (const [text, rule] of cases) {
    await withFile(text, async (path) => {
      await assert.rejects(readNotebook(path), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, rule);
        assert.ok(error.message.startsWith(path));
        return true;
      });
    });
  }
  await assert.rejects(readNotebook("/nowhere/x.ipynb"), /\/nowhere\/x\.ipynb: no such file/);
});

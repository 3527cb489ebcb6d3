/** The notebooks as they are committed: clean, well typed, and told apart by their ids. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readNotebook } from "../../lib/notebook/notebook_file.ts";
import { declaredParameters } from "../../lib/notebook/parameters.ts";
import { joinCells } from "./join_cells.ts";

const NOTEBOOKS = [...Deno.readDirSync("notebooks")].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort();

/** Rules that hold for modules and not for cells. */
const NOT_FOR_CELLS = ["no-extra-semi", "no-empty", "prefer-const", "no-console"];

Deno.test("there are seven notebooks, numbered from 1", () => {
  assert.deepEqual(NOTEBOOKS.map((name) => name.slice(0, 3)), [
    "01_",
    "02_",
    "03_",
    "04_",
    "05_",
    "06_",
    "07_",
  ]);
});

for (const name of NOTEBOOKS) {
  const path = join("notebooks", name);

  Deno.test(`${name} is committed without outputs and execution counts`, async () => {
    const { cells, metadata } = await readNotebook(path);
    for (const [index, cell] of cells.entries()) {
      if (cell.cell_type !== "code") continue;
      assert.deepEqual(cell.outputs, [], `cell ${index} has outputs`);
      assert.equal(cell.execution_count, null, `cell ${index} has a count`);
      assert.deepEqual(Object.keys(cell.metadata).filter((key) => key !== "tags"), []);
    }
    assert.equal(metadata.kernelspec?.name, "deno");
    assert.equal(new Set(cells.map((cell) => cell.id)).size, cells.length, "ids repeat");
  });

  // `deno fmt --check` of Deno 2.9.6 calls every notebook unformatted that it has not written
  // itself, so what it writes is compared.
  Deno.test(`${name} is as deno fmt writes it`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const copy = join(folder, name);
      await Deno.copyFile(path, copy);
      const { success } = await new Deno.Command(Deno.execPath(), {
        args: ["fmt", "--no-config", "--line-width", "100", copy],
        stdout: "null",
        stderr: "null",
      }).output();
      assert.ok(success);
      assert.equal(await Deno.readTextFile(copy), await Deno.readTextFile(path));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`${name} asks a question, takes its folder as a parameter, and ends with exercises`, async () => {
    const notebook = await readNotebook(path);
    const text = (index: number) => notebook.cells.at(index)!.source;
    assert.match(text(0), new RegExp(`^# ${Number(name.slice(0, 2))} · `));
    assert.match(text(0), /\*\*The question:\*\*/);
    assert.match(text(-1), /^## Exercises\n\n1\. /m);
    assert.ok(declaredParameters(notebook).includes("out"));
  });
}

Deno.test("the cells of all notebooks pass the type checker and the linter", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const places = new Map<string, string[]>();
    for (const name of NOTEBOOKS) {
      const joined = joinCells(await readNotebook(join("notebooks", name)));
      const file = join(folder, name.replace(".ipynb", ".ts"));
      await Deno.writeTextFile(file, joined.text);
      places.set(file, joined.places);
    }
    const config = ["--config", join(Deno.cwd(), "deno.json")];
    const complaints = [
      await complaintsOf(["check", "--quiet", ...config, ...places.keys()], places),
      await complaintsOf([
        "lint",
        "--quiet",
        ...config,
        `--rules-exclude=${NOT_FOR_CELLS.join(",")}`,
        ...places.keys(),
      ], places),
    ];
    assert.deepEqual(complaints, ["", ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What Deno says of files, their places told by cell; empty when it says nothing. */
async function complaintsOf(args: string[], places: Map<string, string[]>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return "";
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return [...places].reduce((told, [file, lines]) =>
    told.replaceAll(
      new RegExp(`(?:file://)?${file.replaceAll(".", "\\.")}:(\\d+)`, "g"),
      (_match, line) => `${file.split("/").at(-1)} ${lines[Number(line) - 1] ?? "at its end"}`,
    ), text) || "no message";
}

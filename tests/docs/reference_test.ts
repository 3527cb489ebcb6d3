import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };

const entries = Object.values(config.exports);

Deno.test("the reference has no gap: deno doc --lint of every entry finds nothing (72)", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...entries],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr).slice(0, 4000));
});

Deno.test("the entries are what the import map and the task doc name", () => {
  const imports = config.imports as Record<string, string>;
  for (const [name, path] of Object.entries(config.exports)) {
    assert.equal(imports[`thinkset${name.slice(1)}`], path);
    assert.ok(config.tasks.doc.includes(` ${path.slice(2)}`), path);
  }
});

Deno.test("every stage has an example that deno test --doc runs", () => {
  const listed = Deno.readTextFileSync("lib/stage_list.ts").matchAll(
    /^export \* from "\.\/(.*)";$/gm,
  );
  const files = ["lib/stages.ts", ...[...listed].map(([, path]) => `lib/${path}`)];
  for (const file of files) {
    const source = Deno.readTextFileSync(file);
    for (const [line, name] of source.matchAll(/^export (?:const|async function) (\w+)\b.*$/gm)) {
      if (name === "stages" || name === "makers") continue;
      const before = source.split(line)[0]!;
      const comment = before.slice(before.lastIndexOf("/**"));
      const lacks = `${file}: ${name} lacks an example: a fence of ts in its docstring`;
      assert.match(comment, /\n \* @example\n \* ```ts\n[^]*```\n[^]*\*\/\n$/, lacks);
    }
  }
});

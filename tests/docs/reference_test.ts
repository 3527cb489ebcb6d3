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
  for (
    const entry of Deno.readTextFileSync("lib/mod.ts").matchAll(/export \{([^}]*)\} from "(.*)";/g)
  ) {
    if (!/stage\.ts$|stages\.ts$/.test(entry[2]!)) continue;
    const source = Deno.readTextFileSync(`lib/${entry[2]!.slice(2)}`);
    for (const name of entry[1]!.split(",").map((each) => each.trim()).filter(Boolean)) {
      if (name === "stages" || name === "push" && entry[2] === "./stages.ts") continue;
      const before = source.split(new RegExp(`export (?:const|async function) ${name}\\b`))[0]!;
      const comment = before.slice(before.lastIndexOf("/**"));
      assert.match(comment, /@example\n \* ```ts\n/, name);
    }
  }
});

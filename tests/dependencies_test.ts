/** What is known of dependencies without asking anybody; `deno task audit` asks for advisories. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

interface Locked {
  integrity?: string;
  scripts?: boolean;
}

const lock: { specifiers: Record<string, string>; npm: Record<string, Locked> } = JSON.parse(
  Deno.readTextFileSync(new URL("../deno.lock", import.meta.url)),
);
const packages = Object.entries(lock.npm);

/** `@scope/name@1.2.3_peer@4.5.6` as its name. */
const nameOf = (locked: string) => /^(@?[^@]+)@/.exec(locked)![1]!;

Deno.test("every dependency comes from npm, at one exact version that the lock file holds", () => {
  const specifiers = Object.entries(config.imports).filter(([name]) =>
    !name.startsWith("thinkset")
  );
  for (const [name, specifier] of specifiers) {
    // DuckDB's packages count their own releases after that of DuckDB itself: 1.5.6-r.1.
    assert.match(specifier, new RegExp(`^npm:${name}@\\d+\\.\\d+\\.\\d+(-r\\.\\d+)?$`));
    assert.ok(specifier in lock.specifiers, `${specifier} is not in deno.lock`);
  }
  assert.equal(Object.keys(lock.specifiers).length, specifiers.length);
});

Deno.test("every package that is installed has a SHA-512, and none comes from elsewhere", () => {
  assert.ok(packages.length > 100);
  for (const [name, { integrity }] of packages) {
    assert.match(integrity ?? "", /^sha512-[A-Za-z0-9+/]{86}==$/, name);
  }
  const sections = ["version", "specifiers", "npm", "workspace"];
  assert.deepEqual(Object.keys(lock).filter((section) => !sections.includes(section)), []);
});

Deno.test("a package that would run a script when it is installed is named, and may not", () => {
  const { deny, ...others } = config.allowScripts;
  assert.deepEqual(others, {});
  for (const [name, { scripts }] of packages) {
    if (scripts) assert.ok(deny.includes(`npm:${nameOf(name)}`), `${name} has install scripts`);
  }
});

Deno.test("every Python package of the tests and of the benchmark has one exact version", () => {
  const folder = new URL("./", import.meta.url);
  const lists = [...Deno.readDirSync(folder)].filter(({ name }) =>
    /^requirements.*txt$/.test(name)
  );
  assert.ok(lists.length >= 4);
  for (const { name } of lists) {
    const lines = Deno.readTextFileSync(new URL(name, folder)).split("\n");
    for (const line of lines.filter((line) => line.trim() !== "" && !line.startsWith("#"))) {
      assert.match(line, /^[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+( *;.*)?( *#.*)?$/, `${name}: ${line}`);
    }
  }
});

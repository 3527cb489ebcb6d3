import assert from "node:assert/strict";
import fc from "fast-check";
import { pythonSplit, pythonStrip, type StripSide } from "../../lib/reply/python_strip.ts";
import { runPython } from "../python.ts";

Deno.test("stripping and splitting are Python's, for every character of the BMP and beyond", async () => {
  const every = Array.from({ length: 0x10000 }, (_, i) => i)
    .filter((i) => i < 0xd800 || i > 0xdfff).map((i) => String.fromCodePoint(i));
  const texts = [
    ...every.map((char) => `${char}a${char}b${char}`),
    ...fc.sample(fc.string({ unit: "binary" }), { numRuns: 300, seed: 7 }),
    "😀a😀",
    "",
  ];
  const program = `
import json, sys
texts = json.load(sys.stdin)
json.dump([[t.strip(), t.lstrip(), t.rstrip(), t.split(), t.strip("😀\\n ")] for t in texts], sys.stdout)
`;
  const expected = JSON.parse(await runPython(program, [], { stdin: JSON.stringify(texts) }));
  const sides: StripSide[] = ["both", "left", "right"];
  const ours = texts.map((text) => [
    ...sides.map((side) => pythonStrip(text, side)),
    pythonSplit(text),
    pythonStrip(text, "both", "😀\n "),
  ]);
  assert.deepEqual(ours, expected);
});

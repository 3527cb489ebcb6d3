import assert from "node:assert/strict";
import * as thinkset from "thinkset";
import { stages } from "../../lib/stages.ts";
import { optionsName, TYPES_FILE, typesFile } from "../../scripts/write_types.ts";

Deno.test("lib/public/types.ts is what the schemas say (deno task write-formats)", () => {
  assert.equal(Deno.readTextFileSync(TYPES_FILE), typesFile());
});

Deno.test("every stage is a function of thinkset, and its options are one of its types", () => {
  const face = Deno.readTextFileSync("lib/mod.ts");
  for (const stage of stages) {
    const call = stage.name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    assert.equal((thinkset as Record<string, unknown>)[call], stage, call);
    assert.match(face, new RegExp(`\\b${optionsName(stage.name)}\\b`));
  }
});

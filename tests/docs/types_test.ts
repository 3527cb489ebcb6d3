import assert from "node:assert/strict";
import * as thinkset from "thinkset";
import { stages } from "../../lib/stages.ts";
import { callName } from "../../scripts/write_tasks.ts";
import {
  OPTIONS_FILE,
  optionsFile,
  optionsName,
  TYPES_FILE,
  typesFile,
} from "../../scripts/write_types.ts";

Deno.test("lib/public's types are what the schemas say", () => {
  for (const [file, text] of [[TYPES_FILE, typesFile()], [OPTIONS_FILE, optionsFile()]] as const) {
    assert.equal(Deno.readTextFileSync(file), text, `${file}: run deno task write-formats`);
  }
});

Deno.test("every stage is a function of thinkset, and its options are one of its types", () => {
  const options = Deno.readTextFileSync(OPTIONS_FILE);
  for (const stage of stages) {
    const call = callName(stage.name);
    assert.equal(
      (thinkset as Record<string, unknown>)[call],
      stage,
      `${stage.name}: its value has to be called ${call}, and stand in lib/stage_list.ts`,
    );
    assert.match(options, new RegExp(`export interface ${optionsName(stage.name)} `));
  }
});

import assert from "node:assert/strict";
import { FORMATS_PAGE, formatsPage } from "../../scripts/write_formats.ts";

Deno.test("docs/formats.md is what the schemas say (deno task write-formats)", () => {
  assert.equal(
    Deno.readTextFileSync(FORMATS_PAGE),
    formatsPage(),
    `${FORMATS_PAGE}: run deno task write-formats`,
  );
});

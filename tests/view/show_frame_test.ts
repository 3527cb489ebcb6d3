import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { frameText } from "../../lib/notebook/frame_text.ts";
import { showFrame } from "../../lib/view/show_frame.ts";

const bundleOf = (shown: ReturnType<typeof showFrame>) => shown[Symbol.for("Jupyter.display")]!();

Deno.test("a frame is shown with few digits, its texts as text, in notebooks and their logs (71)", () => {
  const frame = pl.readRecords([
    { name: "<b>", margin: 0.3333333333333, pairs: 1234567 },
    { name: "b", margin: 12345.678, pairs: 2 },
  ]);
  const bundle = bundleOf(showFrame(frame));
  const html = String(bundle["text/html"]);
  assert.match(html, /<td>&#60;b&#62;<\/td><td>0\.3333<\/td><td>1234567<\/td>/);
  assert.match(html, /<td>12350<\/td>/);
  assert.match(frameText(bundle["application/vnd.dataresource+json"])!, /<b> +0\.3333 +1234567/);
  assert.match(String(bundleOf(showFrame(frame, { rows: 1 }))["text/html"]), /1 of 2 rows/);
});

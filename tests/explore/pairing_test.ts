import assert from "node:assert/strict";
import { Pairer, pairingRules, rulesInWords } from "../../lib/explore/pairing.ts";
import { scoredRecord } from "../dataset/records.ts";

Deno.test("a prompt's pair is the builder's, and every other reply is told why it is in none", () => {
  const record = scoredRecord("a", [1, 3, 2, 3, 0, null]);
  const { pairing, whys } = new Pairer(pairingRules()).pair(record);
  assert.deepEqual(pairing.pairs, [{ chosen: 1, rejected: 4, margin: 3 }]);
  assert.deepEqual(whys, [
    "between the two (best-worst)",
    null,
    "between the two (best-worst)",
    "as good as the chosen one, and sampled later",
    null,
    "malformed: a tag of the format is not there",
  ]);
});

Deno.test("a prompt without a pair says so of all its replies, by the builder's reason", () => {
  const tie = scoredRecord("a", [1, 1, 1, 1]);
  const few = scoredRecord("b", [1, 2, null, null]);
  const pairer = new Pairer(pairingRules());
  const [ofTie, ofFew] = [tie, few].map((record) => pairer.pair(record));
  assert.equal(ofTie!.pairing.reason, "tie");
  assert.equal(ofFew!.pairing.reason, "too_few_responses");
  assert.match(ofTie!.whys[0]!, /no pair: all replies have the same score/);
  assert.match(ofFew!.whys[2]!, /^malformed/);
});

Deno.test("a dataset's own options say how pairs are chosen", () => {
  const rules = pairingRules({ minMargin: 5, minResponses: 2, strategy: "best-worst" });
  const { pairing } = new Pairer(rules).pair(scoredRecord("a", [1, 3]));
  assert.equal(pairing.reason, "margin_too_small");
  assert.equal(rulesInWords(rules), "best-worst, at least 2 scored replies, margin at least 5");
  assert.deepEqual(pairingRules({ strategy: "of another version" }), pairingRules());
});

/** The worker in which a rule judges answers: its name is that of the rule. */
import { refuseScores, serveScores } from "../worker/serve_scores.ts";
import { loadRule } from "./load_rule.ts";
import type { RuleName } from "./rule_names.ts";

try {
  const rule = await loadRule((self as unknown as { name: RuleName }).name);
  serveScores(function* ({ items }) {
    for (const { answer, label } of items) yield rule(answer, label);
  });
} catch (error) {
  refuseScores(error);
}

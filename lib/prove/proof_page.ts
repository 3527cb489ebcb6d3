/** A proof as a table and as a page. */
import { join } from "node:path";
import { writeWhole } from "../io/write_whole.ts";
import { pageHtml } from "../report/page.ts";
import { chartsHtml, tableHtml } from "../report/pieces.ts";
import type { FigureName } from "../evaluate/run_figures.ts";
import { figureText } from "../evaluate/evaluation_table.ts";
import { type ChartSpec, chartSpec, colorsOf } from "../view/charts/spec.ts";
import { escapeHtml } from "../view/html.ts";
import type { Proof } from "./conditions.ts";
import { ARMS } from "./prove_options.ts";

/** What the figures do not show, said wherever they are. */
export const CAVEAT =
  "One small model on prompts of its own kind, and mostly sharpening: sampled answers move, greedy " +
  "ones hardly. Intervals are over prompts; they hold neither the training's nor the sampling's seed.";

const HEAD = ["model", "right", "greedy right", "malformed", "mean reward", "best of 8"];

/** Rows of the table, the heading first. */
export function proofTable({ models }: Proof): string[][] {
  const think = models.some(({ sampled }) => sampled.figures.agrees);
  const rows = models.map(({ name, sampled, greedy, weights }, i) => {
    const own = (
      figures: typeof sampled.figures,
      figure: FigureName,
    ) => {
      const told = figures[figure];
      return figureText(figure, told && i === 0 ? { ...told, change: undefined } : told);
    };
    return [
      name,
      own(sampled.figures, "right"),
      own(greedy.figures, "right"),
      own(sampled.figures, "malformed"),
      own(sampled.figures, "reward"),
      own(sampled.figures, "best"),
      ...(think ? [own(sampled.figures, "agrees")] : []),
      weights?.slice(0, 8) ?? "",
    ];
  });
  return [[...HEAD, ...(think ? ["thought agrees"] : []), "weights"], ...rows];
}

/** Writes OUT/report.html. */
export async function writeProofPage(out: string, proofs: readonly Proof[]): Promise<void> {
  const sections: string[] = [];
  for (const proof of proofs) {
    const { variant, conditions } = proof;
    const [head, ...rows] = proofTable(proof);
    const checks = conditions.map(({ ok, model, what, found }) => [
      ok ? "holds" : "fails",
      model,
      what,
      found,
    ]);
    sections.push(
      `<section id="${variant}"><h2>${variant}</h2><p class="kind">Shares in per cent, with the ` +
        `change against zero, the untrained model, and its 95% interval.</p>` +
        tableHtml(head!, rows) + await chartsHtml(chartsOf(proof)) +
        `<h3>Conditions</h3>${tableHtml(["", "model", "condition", "found"], checks)}` +
        `<p class="kind">${escapeHtml(CAVEAT)}</p></section>`,
    );
  }
  const about = ARMS.map(({ name, about }) => [name, about]);
  const links = proofs.map(({ variant }) => ({ id: variant, text: variant }));
  const body = sections.join("") +
    `<section id="arms"><h2>What was trained</h2>${tableHtml(["name", "on"], about)}</section>`;
  const title = "Do the data make a better model?";
  await writeWhole(
    join(out, "report.html"),
    pageHtml({ title, subtitle: "thinkset prove", links, body }),
  );
}

/** Changes with their intervals, and what validation told while training. */
export function chartsOf({ models, curves }: Proof): ChartSpec[] {
  const changes = models.slice(1).flatMap(({ name, sampled, greedy }) =>
    ([["sampled", sampled], ["greedy", greedy]] as const).flatMap(([how, { figures }]) => {
      const change = figures.right?.change;
      return change
        ? [{ name, how, value: 100 * change.value, low: 100 * change.low, high: 100 * change.high }]
        : [];
    })
  );
  const y = { field: "name", type: "nominal", title: null, sort: models.map(({ name }) => name) };
  const color = { field: "how", type: "nominal", title: null, legend: { orient: "top" } };
  const right = chartSpec(
    "Right answers against zero",
    "Change of the share of right answers, in points, with 95% intervals, by model",
    {
      data: { values: changes },
      layer: [
        {
          mark: { type: "rule", strokeWidth: 2 },
          encoding: {
            x: { field: "low", type: "quantitative", title: "points" },
            x2: { field: "high" },
          },
        },
        {
          mark: { type: "point", filled: true, size: 60 },
          encoding: { x: { field: "value", type: "quantitative" } },
        },
      ],
      encoding: { y, yOffset: { field: "how" }, color },
    },
  );
  const curve = (field: string, title: string, description: string) =>
    chartSpec(title, description, {
      data: {
        values: curves.flatMap(({ model, history }) =>
          history.flatMap(({ step, [field]: value }) =>
            value === undefined ? [] : [{ model, step, value }]
          )
        ),
      },
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "step", type: "quantitative", axis: { tickMinStep: 1, grid: false } },
        y: { field: "value", type: "quantitative", title: field, scale: { zero: false } },
        color: {
          field: "model",
          type: "nominal",
          title: null,
          scale: colorsOf(
            curves.filter(({ history }) => history.some((point) => field in point))
              .map(({ model }) => model),
          ),
          legend: { orient: "top", columns: 2 },
        },
      },
    });
  const validated = curves.some(({ history }) =>
    history.some((point) => "eval_rewards/chosen" in point)
  );
  if (!validated) return [right];
  return [
    right,
    curve(
      "eval_rewards/chosen",
      "rewards/chosen of validation",
      "How much likelier the chosen replies of validation became: below 0 the model collapses",
    ),
    curve(
      "eval_rewards/accuracies",
      "Accuracy of validation",
      "The share of validation pairs that are ranked right: it climbs in a collapse, too",
    ),
  ];
}

/** Charts of a proof. */
import type { EvaluatedFigures } from "../evaluate/evaluate.ts";
import type { Estimate } from "../view/bootstrap.ts";
import { type ChartSpec, chartSpec, colorsOf } from "../view/charts/spec.ts";
import type { Proof } from "./conditions.ts";
import { withoutSeed } from "./trained.ts";

/**
 * Changes of right answers with their intervals, and, where a training was validated, what
 * validation told meanwhile.
 */
export function proofCharts({ models, curves }: Proof): ChartSpec[] {
  const right = changesChart(
    "Right answers against zero",
    "Change of the share of right answers, in points, with 95% intervals, by model",
    models.slice(1).flatMap(({ name, sampled, greedy }) => [
      ...changeOf(name, "sampled", sampled.figures),
      ...changeOf(name, "greedy", greedy.figures),
    ]),
    models.map(({ name }) => name),
  );
  const curve = (field: string, title: string, description: string) =>
    chartSpec(title, description, {
      data: {
        values: curves.flatMap(({ model, history }) =>
          history.flatMap(({ step, [field]: value }) =>
            value === undefined ? [] : [{ model, arm: withoutSeed(model), step, value }]
          )
        ),
      },
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "step", type: "quantitative", axis: { tickMinStep: 1, grid: false } },
        y: { field: "value", type: "quantitative", title: field, scale: { zero: false } },
        detail: { field: "model" },
        color: {
          field: "arm",
          type: "nominal",
          title: null,
          scale: colorsOf([
            ...new Set(
              curves.filter(({ history }) => history.some((point) => field in point))
                .map(({ model }) => withoutSeed(model)),
            ),
          ]),
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

/** Changes of right answers by kind of question, those of the first model's greatest first. */
export function kindsChart({ models }: Proof, names: readonly string[]): ChartSpec {
  const shown = names.map((name) => models.find((model) => model.name === name)!);
  const changes = shown.flatMap(({ name, sampled: { sources } }) =>
    sources.flatMap(({ source, figures }) => changeOf(source, name, figures))
  );
  const order = changes.filter(({ how }) => how === names[0]).sort((a, b) => b.value - a.value);
  return changesChart(
    "Right answers by kind",
    "Change of the share of right answers against zero, in points, with 95% intervals, by kind",
    changes,
    order.map(({ name }) => name),
  );
}

interface Change extends Estimate {
  name: string;
  how: string;
}

function changeOf(name: string, how: string, { right }: EvaluatedFigures): Change[] {
  if (!right?.change) return [];
  const { value, low, high } = right.change;
  return [{ name, how, value: 100 * value, low: 100 * low, high: 100 * high }];
}

/** A line a name, on it a mark and its interval for each way. */
function changesChart(
  title: string,
  description: string,
  changes: readonly Change[],
  sort: readonly string[],
): ChartSpec {
  const x = { type: "quantitative", title: "points" };
  return chartSpec(title, description, {
    height: { step: 12 },
    data: { values: changes },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" } },
      },
      {
        mark: { type: "point", filled: true, size: 60 },
        encoding: { x: { ...x, field: "value" } },
      },
    ],
    encoding: {
      y: { field: "name", type: "nominal", title: null, sort },
      yOffset: { field: "how" },
      color: { field: "how", type: "nominal", title: null, legend: { orient: "top" } },
    },
  });
}

/** A proof as tables. */
import { figureText } from "../evaluate/evaluation_table.ts";
import type { FigureName } from "../evaluate/run_figures.ts";
import { mean } from "../view/statistics.ts";
import type { Proof } from "./conditions.ts";
import { withoutSeed } from "./trained.ts";

const HEAD = ["model", "right", "greedy right", "malformed", "mean reward", "best of 8"];

const SEEDS_HEAD = ["trained on", "seeds", "right", "greedy right", "malformed"];

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

/**
 * Rows of what the training seeds of an arm came to, the heading first: means of the changes, and
 * from the lowest to the highest. No rows where there is one seed.
 */
export function seedsTable({ models }: Proof): string[][] {
  const arms = Map.groupBy(models.slice(1), ({ name }) => withoutSeed(name));
  const rows = [...arms].filter(([, seeds]) => seeds.length > 1).map(([arm, seeds]) => {
    const over = (figure: FigureName, how: "sampled" | "greedy") => {
      const changes = seeds.map((model) =>
        100 * (model[how].figures[figure]?.change?.value ?? NaN)
      );
      const [least, most] = [Math.min(...changes), Math.max(...changes)].map(signed);
      return `${signed(mean(changes))} (${least} to ${most})`;
    };
    return [
      arm,
      String(seeds.length),
      over("right", "sampled"),
      over("right", "greedy"),
      over("malformed", "sampled"),
    ];
  });
  return rows.length === 0 ? [] : [SEEDS_HEAD, ...rows];
}

function signed(points: number): string {
  return `${points < 0 ? "" : "+"}${points.toFixed(1)}`;
}

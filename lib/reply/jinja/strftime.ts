/** Dates as Python's `strftime` writes them in the C locale; chat templates tell the date with it. */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/**
 * Python's `date.strftime(format)` in local time, for the codes a, A, b, B, d, H, I, j, m, M, p, S,
 * y, Y and %. Throws for any other code.
 */
export function strftime(date: Date, format: string): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, "0");
  const day = days[date.getDay()]!, month = months[date.getMonth()]!;
  const newYear = Date.UTC(date.getFullYear(), 0, 1);
  const today = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const codes: Record<string, string> = {
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    d: pad(date.getDate()),
    H: pad(date.getHours()),
    I: pad(date.getHours() % 12 || 12),
    j: pad((today - newYear) / 86_400_000 + 1, 3),
    m: pad(date.getMonth() + 1),
    M: pad(date.getMinutes()),
    p: date.getHours() < 12 ? "AM" : "PM",
    S: pad(date.getSeconds()),
    y: pad(date.getFullYear() % 100),
    Y: String(date.getFullYear()),
    "%": "%",
  };
  return format.replace(/%(.)/gs, (all, code: string) => {
    const text = codes[code];
    if (text === undefined) throw new Error(`strftime_now does not know ${all}`);
    return text;
  });
}

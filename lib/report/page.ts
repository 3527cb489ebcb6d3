/** The page around the sections: one file, no network, no scripts. */
import { escapeHtml, VIEW_CSS } from "../view/html.ts";

/** The first line of every report, by which a later one knows that it may take its place. */
export const REPORT_MARK = "<!doctype html><!-- thinkset report -->";

/** A whole HTML page. `body` is HTML already; the policy forbids scripts and every request. */
export function pageHtml(
  page: { title: string; subtitle: string; links: { id: string; text: string }[]; body: string },
): string {
  const links = page.links.map(({ id, text }) =>
    `<a href="#${escapeHtml(id)}">${escapeHtml(text)}</a>`
  );
  return `${REPORT_MARK}
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${PAGE_CSS}${VIEW_CSS}</style></head>
<body><header class="top"><h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.subtitle)}</p>
<nav>${links.join("")}</nav></header>
<main>${page.body}</main></body></html>
`;
}

const PAGE_CSS = `
:root{color-scheme:light dark;--ink:#1c2430;--dim:#5d6878;--ground:#f5f6f8;--card:#fff;--line:#dfe3e9;--accent:#2f6fc4}
@media(prefers-color-scheme:dark){:root{--ink:#dfe4ec;--dim:#97a3b4;--ground:#12161c;--card:#1a2029;--line:#2c3542;--accent:#7fb0f0}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.top{max-width:1180px;margin:0 auto;padding:32px 24px 8px}
h1{font-size:26px;margin:0;letter-spacing:-.01em}
.top p{margin:4px 0 16px;color:var(--dim)}
nav{display:flex;flex-wrap:wrap;gap:8px}
nav a{color:var(--accent);text-decoration:none;border:1px solid var(--line);background:var(--card);border-radius:16px;padding:2px 12px;font-size:13px}
main{max-width:1180px;margin:0 auto;padding:8px 24px 64px}
section[id]{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px 24px;margin-top:20px}
h2{font-size:19px;margin:0 0 2px;overflow-wrap:anywhere}
h3{font-size:12px;margin:18px 0 4px;color:var(--dim);text-transform:uppercase;letter-spacing:.06em}
.kind{color:var(--dim);margin:0 0 12px;font-size:13px}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:12px 0}
.figure{flex:1 1 130px;border:1px solid var(--line);border-radius:8px;padding:8px 12px;display:flex;flex-direction:column}
.figure b{font-size:20px;font-variant-numeric:tabular-nums}
.figure span{font-size:12px;color:var(--dim)}
.figure i{font-size:11px;color:var(--dim);font-style:normal}
h3 small{text-transform:none;letter-spacing:0;font-weight:400}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 14px 4px 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th{font-weight:500;color:var(--dim)}
th:first-child,td:first-child{text-align:left}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:22px 18px;margin:18px 0 4px;align-items:start}
figure{margin:0;min-width:0}
figure svg,figure img{max-width:100%;height:auto}
details>summary{cursor:pointer}
.samples{margin-top:18px}.samples>summary{font-weight:600;margin-bottom:12px}
.samples small{font-weight:400;color:var(--dim)}
.origin{font-size:13px;color:var(--dim);margin-top:10px}
.origin dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0 0}
.origin dd{margin:0;color:var(--ink);overflow-wrap:anywhere}
@media print{body{background:none}section[id]{break-inside:avoid-page;border:0}}
`.replaceAll("\n", "");

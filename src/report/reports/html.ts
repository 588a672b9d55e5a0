import { formatPlan } from '../format-plan.ts';
import { nameList } from '../words.ts';
import { hostSections } from './html-hosts.ts';
import { htmlPage } from './html-page.ts';
import { htmlText } from './html-text.ts';
import type { Report } from './report.ts';
import type { RunRecord } from './run-record.ts';
import { failuresOf, sentenceOf, warningsOf } from './summary.ts';

/** One page that needs nothing besides itself: what happened, what went wrong, each host, the plan. */
export const html: Report = (run) => {
  const title = `kplay ${htmlText(run.command)}: ${htmlText(run.source)}`;
  const head = `<header><h1>${title}</h1><p class="sentence">${htmlText(sentenceOf(run))}</p>
<p class="meta">Run ${htmlText(run.runId)}, begun <time datetime="${run.startedAt}">${run.startedAt}</time>${run.end ? `, exit code ${run.end.exitCode}` : ''}</p></header>`;
  const sections = [failures(run), warnings(run), hosts(run), plans(run), next(run)].filter((one) => one !== '');
  return htmlPage(
    title,
    `${head}\n<main>\n${sections.join('\n')}\n</main>\n<footer>kplay ${htmlText(run.kplayVersion)}</footer>`,
  );
};

function failures(run: RunRecord): string {
  const cards = failuresOf(run).map(({ kind, hosts: names, task, reason, details, remedy }) => {
    const where = task === undefined ? '' : ` in ${htmlText(task)}`;
    return card('bad', `${htmlText(nameList(names))} ${kind}${where}`, reason, details, remedy);
  });
  return section('What went wrong', cards);
}

function warnings(run: RunRecord): string {
  const cards = warningsOf(run).map(({ hosts: names, reason, details, remedy }) =>
    card('warn', names.length === 0 ? 'kplay' : htmlText(nameList(names)), reason, details, remedy),
  );
  return section('Warnings', cards);
}

function card(
  kind: string,
  head: string,
  reason: string,
  details: readonly (readonly [string, string])[],
  remedy: string | undefined,
): string {
  const evidence = details.map(([label, text]) => `<dt>${htmlText(label)}</dt><dd>${htmlText(text)}</dd>`).join('');
  return `<div class="card ${kind}"><p><b>${head}</b>: ${htmlText(reason)}</p>${evidence === '' ? '' : `<dl>${evidence}</dl>`}${remedy === undefined ? '' : `<p>What to do: ${htmlText(remedy)}</p>`}</div>`;
}

function hosts(run: RunRecord): string {
  if (run.hosts.length === 0) return '';
  const search = `<p id="search" hidden><label>Find hosts: <input type="search" placeholder="name, state, cluster"></label> <span id="found" role="status"></span></p>`;
  return section('Hosts', [search, hostSections(run)]);
}

function plans({ plays }: RunRecord): string {
  const layout = { colors: false, unicode: true, width: 100, verbose: false };
  const texts = plays.flatMap(({ plans: made }) => made.map(({ plan }) => formatPlan(plan, layout)));
  return section(
    'The plan',
    texts.map((text) => `<details class="card"><summary>Show it</summary><code>${htmlText(text)}</code></details>`),
  );
}

function next({ end }: RunRecord): string {
  const items = end?.next.map((one) => `<li><code>${htmlText(one)}</code></li>`) ?? [];
  return section('What to do next', items.length === 0 ? [] : [`<ul>${items.join('')}</ul>`]);
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<section><h2>${title}</h2>\n${parts.join('\n')}\n</section>`;
}

import { clusterText } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { nameList } from '../../core/name-list.ts';
import type { PAGE } from '../formats/page-size.ts';
import { htmlPage } from '../html/page.ts';
import { type HtmlFigure, htmlCard, htmlFigures, htmlSection, htmlTable, htmlTools } from '../html/parts.ts';
import { htmlText } from '../html/text.ts';
import { formatDay, formatMinute, UTC } from '../text/time.ts';
import { groupBy, nextParts, noUndoText } from '../text/words.ts';
import { explained } from './explained.ts';
import { renewalsOf } from './html-certificates.ts';
import { hostSections, KINDS, kindOf } from './html-hosts.ts';
import { planSection } from './html-plan.ts';
import type { PlansShown } from './plans-shown.ts';
import type { RunRecord } from './run-record.ts';
import { allNames, failureParts, failuresOf, isUntouched, outcomeOf, together, warningsOf } from './summary.ts';

/** Dates are not broken at the end of a line. */
const DATES = /\d{4}-\d\d-\d\d/g;

/** A self-contained page: what happened, what went wrong, each host, the plan. @param limit of the plans */
export function html(run: RunRecord, shown: PlansShown, limit: typeof PAGE): Iterable<string> {
  const plans = () => planSection(run, shown, limit);
  return htmlPage(`kplay ${htmlText(run.command)}: ${htmlText(run.source)}`, parts(run, plans));
}

function* parts(run: RunRecord, plans: () => string): Iterable<string> {
  yield head(run);
  yield '<main>';
  yield* [failures(run), contacts(run), warnings(run), next(run)];
  // Of hosts on which nothing was to be done there is nothing to tell besides.
  if (run.writes) {
    yield clusters(run);
    yield* hosts(run);
  }
  yield plans();
  yield '</main>';
  yield `<footer>kplay ${htmlText(run.kplayVersion)}</footer>`;
}

function head(run: RunRecord): string {
  const { command, source, runId, startedAt, end } = run;
  const code = end
    ? `<span class="pill ${end.exitCode === 0 ? 'good' : 'isbad'}">exit code ${end.exitCode}</span>`
    : '<span class="pill isbad">did not reach its end</span>';
  const noUndo = noUndoText(run.hosts, end?.noUndo);
  const took = end ? `, took ${formatDuration(end.elapsedMs)}` : '';
  return `<header><p class="eyebrow"><span>kplay ${htmlText(command)} <b>${htmlText(source)}</b></span>${code}</p>
<h1>${htmlText(outcomeOf(run)).replace(DATES, '<span class="d">$&</span>')}</h1>
${htmlFigures(figures(run))}
<p class="meta">Run ${htmlText(runId)}, started <time datetime="${startedAt}">${formatMinute(new Date(startedAt), UTC)} UTC</time>${took}</p>${noUndo === undefined ? '' : `\n<p class="meta">${htmlText(noUndo)}</p>`}</header>`;
}

function figures(run: RunRecord): readonly HtmlFigure[] {
  const bad = run.hosts.filter((host) => kindOf(host) === 'bad').length;
  const all = failuresOf(run).length;
  const made = run.hosts.flatMap(renewalsOf);
  const restored = made.filter(({ isRestored }) => isRestored).length;
  const renewals = made.length - restored;
  const warned = warningsOf(run).length;
  return [
    { number: run.hosts.length, noun: run.hosts.length === 1 ? 'host' : 'hosts' },
    { number: bad, noun: 'did not come through', tone: 'isbad' },
    { number: all, noun: all === 1 ? 'failure' : 'failures', tone: 'isbad' },
    { number: warned, noun: warned === 1 ? 'warning' : 'warnings', tone: 'iswarn' },
    { number: renewals, noun: renewals === 1 ? 'new certificate' : 'new certificates' },
    ...(restored === 0
      ? []
      : [{ number: restored, noun: restored === 1 ? 'restored certificate' : 'restored certificates' }]),
  ];
}

function failures(run: RunRecord): string {
  const cards = together(failuresOf(run)).map((failure) => {
    const { hosts: names, reason, details, remedy, code } = failure;
    const { who, how, task } = failureParts(failure);
    const where = task === undefined ? '' : ` in <b>${htmlText(task)}</b>`;
    const head = `<b>${htmlText(who)}</b> ${how}${where}`;
    return htmlCard('bad', { head, reason, details, remedy, more: explained(code), below: moreNames(names) });
  });
  return htmlSection('What went wrong', cards);
}

/** All hosts of a card whose head does not have room for them. */
function moreNames(hosts: readonly string[]): string {
  const all = allNames(hosts);
  if (all === undefined) return '';
  return `<details class="names"><summary>All ${count(hosts.length, 'host')}</summary><p>${htmlText(all)}</p></details>`;
}

/** The contacts for what went wrong. */
function contacts({ end }: RunRecord): string {
  const items =
    end?.contacts?.map(
      ({ cluster, contact }) => `<li>cluster ${htmlText(cluster)}: <b>${htmlText(contact)}</b></li>`,
    ) ?? [];
  return htmlSection('Contacts', items.length === 0 ? [] : [`<ul class="plain">${items.join('')}</ul>`]);
}

function warnings(run: RunRecord): string {
  const cards = together(warningsOf(run)).map(({ hosts: names, reason, details, remedy, code }) => {
    const head = `<b>${names.length === 0 ? 'kplay' : htmlText(nameList(names))}</b>`;
    return htmlCard('warn', { head, reason, details, remedy, more: explained(code), below: moreNames(names) });
  });
  return htmlSection('Warnings', cards);
}

/** A row for each cluster, if there are several. */
function clusters({ hosts: all }: RunRecord): string {
  const groups = [...groupBy(all, ({ cluster }) => (cluster ? clusterText(cluster) : ''))];
  if (groups.length < 2) return '';
  const rows = groups.map(([name, members]) => {
    const renewed = members
      .flatMap(renewalsOf)
      .filter(({ isRestored }) => !isRestored)
      .map(({ after }) => after.getTime());
    const ends =
      renewed.length === 0
        ? ''
        : `first expires ${formatDay(new Date(renewed.reduce((one, other) => Math.min(one, other))), UTC)}`;
    return { cells: [htmlText(name), clusterState(members), String(members.length), String(renewed.length), ends] };
  });
  const table = htmlTable(['Cluster', 'State', 'Hosts', 'New certificates', ''], rows);
  return htmlSection('Clusters', [`<div class="card">${table}</div>`]);
}

/** A cluster that an interrupted rollout never got to is not good, although nothing is wrong with it. */
function clusterState(members: readonly HostRecap[]): string {
  const names = (some: readonly HostRecap[]): string => htmlText(nameList(some.map(({ host }) => host)));
  const bad = members.filter((host) => kindOf(host) === 'bad');
  if (bad.length > 0) return `<span class="pill isbad">${names(bad)}</span>`;
  const untouched = members.filter(isUntouched);
  if (untouched.length === 0) return '<span class="pill good">good</span>';
  const where = untouched.length === members.length ? '' : ` on ${names(untouched)}`;
  return `<span class="pill">nothing was done${where}</span>`;
}

function* hosts(run: RunRecord): Iterable<string> {
  if (run.hosts.length === 0) return;
  const number = (wanted: string) => run.hosts.filter((host) => kindOf(host) === wanted).length;
  const choices = KINDS.filter(([kind]) => number(kind) > 0).map(([kind, name]) => ({
    kind,
    name: `${name} ${number(kind)}`,
  }));
  yield '<section><h2>Hosts</h2>';
  yield htmlTools({ noun: 'hosts', hint: 'name, state, cluster', choices, canOpen: true });
  yield* hostSections(run);
  yield '</section>';
}

function next({ end }: RunRecord): string {
  const items = (end?.next ?? []).map((one) => {
    const [lead, command] = nextParts(one);
    return `<li>${htmlText(lead)}${command === undefined ? '' : `<code>${htmlText(command)}</code>`}</li>`;
  });
  return htmlSection('What to do next', items.length === 0 ? [] : [`<ul class="plain">${items.join('')}</ul>`]);
}

import { Problems } from '../core/diagnostic.ts';
import { globTest, isGlob, type NameTest, regexTest } from '../core/glob.ts';
import type { Host } from '../core/host.ts';
import { RegexTimeout, withinTime } from '../core/regex-time.ts';
import { type Located, SourceFile } from '../core/source.ts';
import { firstOf, suggestion } from '../core/suggest.ts';
import { readTextFile } from '../core/text-file.ts';
import { CLUSTER_SELECTORS, hasClusterSelectors, matchClusters } from './cluster-pattern.ts';
import { ALL, type Inventory, UNGROUPED } from './inventory.ts';
import { type PatternPart, parsePart, parsePattern, type Subscript } from './pattern.ts';

/**
 * The hosts of a play's `hosts:`, in the order of the pattern and, within its parts, of the inventory. Every part must name an
 * existing host or group; groups may be empty, and so may the result. Empty if there is a problem.
 */
export function matchHosts(inventory: Inventory, pattern: Located<string>, problems: Problems): readonly Host[] {
  return withoutErrors(problems, (found) => evaluate(inventory, parsePattern(pattern, found), found));
}

/**
 * The hosts of `--limit`: a pattern in which `@file` stands for the patterns in a file, one per line. A play is restricted to
 * these hosts. `cluster:NAME`, `label:KEY=VALUE` and `wave:NAME` select the hosts of clusters. Empty if there is a problem.
 */
export function matchLimit(inventory: Inventory, limit: string, problems: Problems): readonly Host[] {
  const source = new SourceFile('--limit', limit);
  const pattern = { value: limit, range: source.range(0, limit.length) };
  return withoutErrors(problems, (found) => {
    const selectors = hasClusterSelectors(inventory) ? CLUSTER_SELECTORS : [];
    const parts = parsePattern(pattern, found, selectors).flatMap((part) =>
      part.effect === 'add' && part.expression.startsWith('@') ? readLimitFile(part, found) : [part],
    );
    return evaluate(inventory, parts, found, selectors.length > 0 ? matchClusters : () => undefined);
  });
}

function withoutErrors(problems: Problems, match: (found: Problems) => readonly Host[]): readonly Host[] {
  const found = new Problems();
  const hosts = match(found);
  problems.addAll(found.all);
  return found.hasErrors ? [] : hosts;
}

/** A line is one pattern, as in Ansible. */
function readLimitFile({ expression, range }: PatternPart, problems: Problems): readonly PatternPart[] {
  const source = readTextFile(expression.slice(1), 'host list', problems, { named: ['--limit'] });
  if (!source) return [];
  const lines = [...source.text.matchAll(/[^\r\n]+/g)].filter(([line]) => line.trim() !== '');
  if (lines.length === 0) problems.error(`${source.path} names no hosts`, range, 'write one host on each line of it');
  return lines.flatMap(({ 0: line, index }) => {
    const value = line.trim();
    const start = index + line.indexOf(value);
    const part = parsePart({ value, range: source.range(start, start + value.length) }, problems);
    return part ? { ...part, isLine: true as const } : [];
  });
}

/** First what is added (everything, if nothing is), then what is intersected, then what is excluded: as in Ansible. */
function evaluate(
  inventory: Inventory,
  parts: readonly PatternPart[],
  problems: Problems,
  special: typeof matchClusters = () => undefined,
): readonly Host[] {
  const found = parts.map((part) => ({
    effect: part.effect,
    hosts: new Set(special(inventory, part, problems) ?? matchPart(inventory, part, problems)),
  }));
  const having = (effect: PatternPart['effect']) =>
    found.flatMap((part) => (part.effect === effect ? [part.hosts] : []));
  const [added, intersected, excluded] = [having('add'), having('intersect'), having('exclude')];
  const chosen = new Set((added.length > 0 ? added : [groupHosts(inventory, ALL)]).flatMap((hosts) => [...hosts]));
  return [...chosen]
    .filter((host) => intersected.every((hosts) => hosts.has(host)))
    .filter((host) => !excluded.some((hosts) => hosts.has(host)));
}

function matchPart(inventory: Inventory, part: PatternPart, problems: Problems): readonly Host[] {
  const { expression, subscript, range } = part;
  const isPlain = !expression.startsWith('~') && !isGlob(expression);
  const hosts = isPlain ? matchName(inventory, part) : matchTest(inventory, part, problems);
  if (hosts === undefined) {
    const message = isPlain
      ? `there is no host and no group called '${expression}'`
      : `no host or group matches '${expression}'`;
    // Each hint compares with every name: of a long list of hosts that are gone, the first ones show what is wrong.
    problems.error(message, range, problems.all.length < MOST_HINTS ? unknownHint(inventory, part) : undefined);
    return [];
  }
  if (!subscript || hosts.length === 0) return hosts;
  const selected = select(hosts, subscript);
  if (selected.length === 0) {
    const hint = `hosts are numbered from 0: the last is [${hosts.length - 1}], or [-1]`;
    problems.error(`'${expression}' has no such hosts: it has ${hosts.length}`, range, hint);
  }
  return selected;
}

/**
 * The hosts that a plain name means; undefined if nothing has that name. If a host and a group share it, Ansible's rules apply: alone it means
 * the host; after `!` or `&`, or before an index, the group; with a dot in it, both.
 */
function matchName(inventory: Inventory, part: PatternPart): readonly Host[] | undefined {
  const { expression: name, effect, subscript } = part;
  const host = inventory.hosts.get(name);
  const ofGroup = inventory.groups.has(name) ? groupHosts(inventory, name) : undefined;
  if (host && ofGroup && (effect !== 'add' || subscript))
    return name.includes('.') ? [...new Set([...ofGroup, host])] : ofGroup;
  if (host) return [host];
  if (ofGroup) return ofGroup;
  const localhost = inventory.localhosts.get(name);
  return localhost && [localhost];
}

/** For a regular expression and all names together. */
const REGEX_MILLISECONDS = 500;

/**
 * The hosts whose name, or a group of which, matches a glob or a regular expression; undefined if none does. The names `all`
 * and `ungrouped` are not matched: `a*` does not mean everything.
 */
function matchTest(inventory: Inventory, part: PatternPart, problems: Problems): readonly Host[] | undefined {
  if (part.expression === '*') return groupHosts(inventory, ALL);
  const test = compile(part, problems);
  if (!test) return [];
  const isOther = (name: string): boolean => name !== ALL && name !== UNGROUPED;
  const match = () => ({
    names: [...inventory.groups.keys()].filter((name) => isOther(name) && test(name)),
    hosts: [...inventory.hosts.values()].filter(({ name }) => test(name)),
  });
  try {
    const { names, hosts } = part.expression.startsWith('~') ? withinTime(REGEX_MILLISECONDS, match) : match();
    if (names.length === 0 && hosts.length === 0) return undefined;
    return [...new Set([...names.flatMap((name) => groupHosts(inventory, name)), ...hosts])];
  } catch (error) {
    if (!(error instanceof RegexTimeout)) throw error;
    const hint = 'avoid repetitions inside of repetitions, as in (a+)+';
    problems.error(`'${part.expression}' takes too long to compare with the names`, part.range, hint);
    return [];
  }
}

function compile({ expression, range }: PatternPart, problems: Problems): NameTest | undefined {
  if (!expression.startsWith('~')) return globTest(expression);
  try {
    return regexTest(expression.slice(1));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.error(`'${expression}' is not a regular expression`, range, reason);
    return undefined;
  }
}

function groupHosts(inventory: Inventory, group: string): readonly Host[] {
  const names = inventory.groups.get(group)?.hosts ?? [];
  return names.map((name) => inventory.hosts.get(name)).filter((host) => host !== undefined);
}

function select(hosts: readonly Host[], { first, last = hosts.length - 1 }: Subscript): readonly Host[] {
  const host = first < 0 ? hosts.at(first) : undefined;
  if (first < 0) return host ? [host] : [];
  return hosts.slice(first, last + 1);
}

const SHOWN_HOSTS = 5;
const MOST_HINTS = 20;

function unknownHint(inventory: Inventory, { expression, isLine }: PatternPart): string {
  if (isLine && /[,:\s]/.test(expression)) return 'write each pattern on a line of its own';
  if (/[:\s]/.test(expression)) return 'separate all parts of a pattern with commas, or all with colons';
  const hint = suggestion(expression, inventory.groups.keys(), 'the groups are', inventory.hosts.keys());
  // `m1` for `prod-m1` or `m1.example.com` is no typing error, and too far from either.
  const longer = [...inventory.hosts.keys()].filter((name) => name.split(/[.-]/).includes(expression));
  if (longer.length === 0 || hint.startsWith('did you mean')) return hint;
  return `did you mean ${firstOf(longer, SHOWN_HOSTS)}? ${hint}`;
}

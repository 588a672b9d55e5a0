import { countedNames } from '../text/words.ts';

/** What a page leaves out of its plans, because there is no room for it. */
interface LeftOut {
  /** Each change is named. */
  readonly isComplete: boolean;
  /** Hosts whose plan is not shown, or not all of it. */
  readonly hosts: readonly string[];
  /** Lines of clusters are missing. */
  readonly areClustersLeft?: boolean;
}

/** The same in a clause; undefined if nothing is left out. */
export function leftOutText({ isComplete, hosts, areClustersLeft = false }: LeftOut): string | undefined {
  const left = [...new Set(hosts)];
  const missing = [
    ...(isComplete ? [] : ['what only -v shows']),
    ...(left.length > 0 ? [`all or some of the plan of ${countedNames(left)}`] : []),
    ...(areClustersLeft ? ['some of the clusters'] : []),
  ];
  return missing.length === 0 ? undefined : missing.join('; ');
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT } from '../../cli/support/bundled-program.ts';

/** A file of docs/ci, or action.yml: by its path in the repository. */
export const exampleText = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

interface WorkflowStep {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly { readonly id?: string; readonly run?: string }[] };
}

/** What the action is given in each job of the workflow, with the action's own defaults. */
export function actionInputs(): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const { jobs } = parse(exampleText('docs/ci/github-workflow.yml')) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly WorkflowStep[] }>>;
  };
  const { inputs } = parse(exampleText('action.yml')) as Action;
  const defaults = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.default ?? '']));
  return new Map(
    Object.entries(jobs).map(([job, { steps }]) => {
      const given = steps.find(({ uses }) => uses?.startsWith('OWNER/kplay@'))?.with ?? {};
      return [job, { ...defaults, ...given }] as const;
    }),
  );
}

/** The script of the action that runs kplay. */
export function actionScript(): string {
  const { runs } = parse(exampleText('action.yml')) as Action;
  return runs.steps.find(({ id }) => id === 'kplay')?.run ?? '';
}

/** The script of a job of GitLab's, as its runner joins it. */
export function gitlabScript(job: string): string {
  const read = parse(exampleText('docs/ci/gitlab-ci.yml'));
  const lines: readonly string[] = [...read.default.before_script, ...read[job].script];
  return lines.join('\n');
}

/** The commands that Jenkins gives a shell, stage by stage. */
export function jenkinsCommands(): readonly string[] {
  return [...exampleText('docs/ci/Jenkinsfile').matchAll(/\bsh(?:\(.*script:)? '([^']+)'/g)].map(
    ([, text = '']) => text,
  );
}

/** What a unit of docs/ci/systemd starts. */
export function unitCommand(unit: string): string {
  return /^ExecStart=(.*)$/m.exec(exampleText(`docs/ci/systemd/${unit}`))?.[1] ?? '';
}

/** The command line of the CronJob's container. */
export function cronJobCommand(): readonly string[] {
  const { spec } = parse(exampleText('docs/ci/kubernetes-cronjob.yml'));
  const [container] = spec.jobTemplate.spec.template.spec.containers;
  return [...container.command, ...container.args];
}

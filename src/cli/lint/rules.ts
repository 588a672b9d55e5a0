import type { SourceRange } from '../../core/source.ts';

/** The rules of kplay lint. docs/lint.md has a section for each. */
export const LINT_RULES = {
  'unnamed-task': 'a task without a name: reports and journals show its step instead',
  'command-for-step': 'a command for something that a step does better',
  'command-always-changes': 'a command that reports a change every time it runs',
  'sudo-in-command': 'sudo in a command, where become is meant',
  'no-free-form': 'parameters that are written as name=value',
  'no-jinja-when': 'a condition in braces, though it is an expression already',
  'with-items': 'an older form of loop',
  truthy: 'a boolean that is not written as true or false',
  'ignored-failure': 'a failure of a step that renews or proves certificates is ignored',
  'unread-variable': 'a variable that nothing reads',
  'hidden-variable': 'a variable of the inventory that the play hides',
  'contested-variable': 'a variable that two groups of a host set differently: their names decide',
} as const;

export type LintRule = keyof typeof LINT_RULES;

export interface LintFinding {
  readonly rule: LintRule;
  readonly message: string;
  readonly range: SourceRange;
  /** What to write instead. */
  readonly hint: string;
  /** A fix, if it can be made without changing the playbook's meaning. */
  readonly fix?: LintFix;
}

/** Replacement text for a range of a file. */
export interface LintFix {
  readonly range: SourceRange;
  readonly text: string;
}

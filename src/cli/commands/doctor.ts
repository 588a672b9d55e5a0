import { Problems } from '../../core/diagnostic.ts';
import { forEachLimited } from '../../core/limited.ts';
import { SecretMask } from '../../core/secret.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { doctorJson, doctorText } from '../doctor/doctor-report.ts';
import { type Examination, type ExaminationTools, examine } from '../doctor/examination.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { inputError } from '../inputs/input-error.ts';
import { readInputs } from '../inputs/inputs.ts';
import { addSecrets } from '../inputs/secret-variables.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, VariableOptions } from '../options/options.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { hostCheckPlaybook } from '../output/certificate-check.ts';
import { screenWidth, showDiagnostics } from '../output/output.ts';
import { prepareConnector } from '../run/connections.ts';
import { handleInterrupts } from '../run/interrupts.ts';
import { unlockCommand } from '../run/same-options.ts';
import { renewalWork } from '../run/work.ts';

type DoctorCommandOptions = HostOptions & VariableOptions & TableOptions & Pick<OutputOptions, 'output' | 'color'>;

/** `kplay doctor`: checks what would prevent a run on each host, and says what to do. Its sessions cannot write. */
export async function doctor(options: DoctorCommandOptions, environment: Environment): Promise<number> {
  checkTableOptions(options);
  const { stdout, stderr, clock } = environment;
  const problems = new Problems();
  const mask = new SecretMask();
  const inputs = await readInputs(
    { options, environment, beside: undefined, playbook: hostCheckPlaybook, work: renewalWork() },
    problems,
  );
  if (inputs && !problems.hasErrors) addSecrets(inputs, mask);
  const warn = (host: string, message: string): void => void stderr.write(mask.apply(`warning: ${host}: ${message}\n`));
  const connector = inputs && (await prepareConnector(inputs, options, environment, { problems, mask, warn }));
  if (problems.hasErrors || !inputs || !connector) throw inputError(problems, inputs, mask);
  showDiagnostics(problems.all, options, environment);
  const interrupts = handleInterrupts(() => undefined);
  const examinations = new Map<string, Examination>();
  const tools: ExaminationTools = {
    open: connector.openForReading,
    clock,
    signal: interrupts.stop,
    unlockCommand: (host) => unlockCommand(host, options),
  };
  try {
    await forEachLimited(inputs.hosts, options.forks, async (host) => {
      examinations.set(host.name, await examine(host, tools));
    });
  } finally {
    interrupts.release();
  }
  const inOrder = inputs.hosts
    .flatMap(({ name }) => examinations.get(name) ?? [])
    .map((examination) => concealed(examination, mask));
  const text = isDocument(options.output)
    ? await documentText(options.output, doctorJson(inOrder, clock()))
    : doctorText(inOrder, { ...options, width: screenWidth(stdout) });
  stdout.write(text);
  return exitCodeOf(inOrder);
}

/** Before it is laid out, since what is masked is of another length. Words of kplay stay: a password may be `root`. */
function concealed({ observations, findings, ...rest }: Examination, mask: SecretMask): Examination {
  return {
    ...rest,
    observations: observations && {
      ...observations,
      kubeadm: mask.applyTo(observations.kubeadm),
      programs: mask.applyTo(observations.programs),
    },
    findings: findings.map((finding) => ({
      ...finding,
      message: mask.apply(finding.message),
      remedy: mask.applyTo(finding.remedy),
    })),
  };
}

/** The exit code of a run on these hosts: refused comes before unreachable. */
function exitCodeOf(examinations: readonly Examination[]): number {
  const hasErrors = ({ findings }: Examination) => findings.some(({ severity }) => severity === 'error');
  if (examinations.some((one) => one.observations && hasErrors(one))) return EXIT.refused;
  return examinations.some((one) => !one.observations) ? EXIT.unreachable : EXIT.good;
}

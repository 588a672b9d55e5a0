import { type ShellScript, sh } from '../../core/shell.ts';
import { EMBEDDED } from '../placing/staging.ts';

/** Shell functions that compose kubeconfigs in the stage. */
export const COMPOSE_FUNCTIONS: ShellScript = sh`# compose TEMPLATE CERTIFICATE_LINE KEY_LINE OUT: puts "$S"/c and "$S"/k, both base64 in any number of lines, into a kubeconfig.
compose() {
  awk -v certificate_line="$2" -v key_line="$3" -v certificate_file="$S/c" -v key_file="$S/k" '
    function joined(file,  line, all) { while ((getline line <file) > 0) all = all line; return all }
    BEGIN { certificate = joined(certificate_file); key = joined(key_file) }
    NR == certificate_line { if (!sub(/client-certificate(-data)?:.*/, "client-certificate-data: ")) exit 3; print $0 certificate; next }
    NR == key_line { if (!sub(/client-key(-data)?:.*/, "client-key-data: ")) exit 3; print $0 key; next }
    { print }
  ' "$1" >"$4"
}
encode() {
  base64 <"$1" >"$S/c"
  base64 <"$2" >"$S/k"
}
${EMBEDDED}
`;

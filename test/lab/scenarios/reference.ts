import { lab, pkiOf } from './lab.ts';

/**
 * What a certificate is to those who read it: `apiserver` to lines such as `subject CN = kube-apiserver`, sorted names,
 * usages, key, signature, days left, and owner and mode of its files.
 */
export type Portraits = Readonly<Record<string, readonly string[]>>;

/** Portraits of what is below two directories: certificates, and kubeconfigs. */
const PORTRAY = `portray() { # NAME CERTIFICATE FILE...
  n=$1 c=$2; shift 2
  openssl x509 -in "$c" -noout -subject -issuer | sed "s/^/$n /"
  openssl x509 -in "$c" -noout -text | sed -n "
    /Public-Key:/ s/^ */$n key /p
    /Signature Algorithm:/ s/^ */$n /p
    /X509v3 Extended Key Usage/ { n; s/^ */$n usage /p; }
    /X509v3 Key Usage/ { n; s/^ */$n purpose /p; }
    /X509v3 Basic Constraints/ { n; s/^ */$n constraint /p; }
    /DNS:\\|IP Address:/ s/^ */$n names /p
  " | sort -u
  echo "$n days $(( ($(date -d "$(openssl x509 -in "$c" -noout -enddate | cut -d= -f2)" +%s) - $(date +%s) + 43200) / 86400 ))"
  for f; do echo "$n file $(stat -c '%a %u:%g' "$f")"; done
}
for n in apiserver apiserver-kubelet-client apiserver-etcd-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client; do
  portray $n $pki/$n.crt $pki/$n.crt $pki/$n.key
done
for n in admin super-admin controller-manager scheduler; do
  [ -e $conf/$n.conf ] || continue
  sed -n 's/^ *client-certificate-data: *//p' $conf/$n.conf | base64 -d >/run/portrait.crt
  portray $n.conf /run/portrait.crt $conf/$n.conf
done`;

/** What the host has now. */
export function portraitsOf(host: string): Promise<Portraits> {
  return portray(host, `pki=${pkiOf(host)} conf=/etc/kubernetes`);
}

/** What the host's own kubeadm makes of the configuration that the cluster was made with, below a directory of its own. */
export function kubeadmsOwn(host: string): Promise<Portraits> {
  return portray(
    host,
    `r=/run/reference
rm -rf $r
mkdir -p $r/pki/etcd
cd ${pkiOf(host)}
cp -p ca.* front-proxy-ca.* sa.* $r/pki/
cp -p etcd/ca.* $r/pki/etcd/
sed '/^certificatesDir:/d; s|^kind: ClusterConfiguration|&\\ncertificatesDir: /run/reference/pki|' /root/kubeadm.yaml >$r/kubeadm.yaml
{ kubeadm init phase certs all --config $r/kubeadm.yaml && kubeadm init phase kubeconfig all --config $r/kubeadm.yaml --kubeconfig-dir $r; } >$r/log 2>&1 || { cat $r/log >&2; exit 1; }
pki=$r/pki conf=$r`,
  );
}

async function portray(host: string, where: string): Promise<Portraits> {
  const lines = (await lab.inside(host, `${where}\n${PORTRAY}`)).trim().split('\n');
  const portraits: Record<string, string[]> = {};
  for (const line of lines) {
    const [name = '', kind = '', ...rest] = line.split(' ');
    const text = kind === 'names' ? rest.join(' ').split(', ').sort().join(', ') : rest.join(' ');
    portraits[name] = [...(portraits[name] ?? []), `${kind} ${text}`].sort();
  }
  return portraits;
}

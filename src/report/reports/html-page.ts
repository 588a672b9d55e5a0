import { createHash } from 'node:crypto';

/** How the page looks: by day and by night, narrow and wide, on paper. Nothing is loaded from anywhere. */
const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2430;--soft:#576172;--line:#d5dae2;--card:#f6f7f9;--good:#176b3a;--warn:#8a5300;--bad:#b3261e;--old:#8d97a8;--new:#1f6feb}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--fg:#e6e9ee;--soft:#a4aebd;--line:#343c48;--card:#1a2029;--good:#6bd294;--warn:#efb755;--bad:#ff8f85;--old:#77829a;--new:#6ea8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.1rem;font-weight:600;color:var(--soft);margin:0}
main{padding-top:0}
h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
.sentence{font-size:1.5rem;line-height:1.3;margin:.25rem 0 .5rem}
.meta,footer{color:var(--soft);font-size:.9rem}
.card,.host{background:var(--card);border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;padding:.6rem .9rem}
.bad{border-left:.35rem solid var(--bad)}.warn{border-left:.35rem solid var(--warn)}
.card p{margin:.25rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.3rem 0}dt{color:var(--soft)}dd{margin:0;white-space:pre-wrap}
@media(max-width:30rem){dl{grid-template-columns:1fr}.sentence{font-size:1.2rem}}
summary{cursor:pointer}summary b{margin-right:.6rem}summary span{color:var(--soft)}
summary .good{color:var(--good)}summary .isbad{color:var(--bad)}
:focus-visible{outline:3px solid var(--new);outline-offset:2px}
ul.rows{list-style:none;margin:0;padding:0}
.rows li{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr minmax(8rem,max-content);gap:.6rem;align-items:center;padding:.1rem 0;font-size:.92rem}
.rows i{position:relative;height:.7rem;background:linear-gradient(var(--line),var(--line)) center/100% 1px no-repeat}
.rows i::before{content:"";position:absolute;inset:0 calc(100% - var(--b)*1%) 0 calc(var(--a)*1%);min-width:3px;background:var(--new);border-radius:.2rem}
.rows.ends i::before{inset-block:.2rem}
.rows.ends i::after{content:"";position:absolute;top:0;left:calc(var(--a)*1%);width:3px;height:100%;background:var(--old)}
.rows .f i::before{background:var(--bad)}.rows .s i::before{background:var(--old)}
@media(max-width:40rem){.rows li{grid-template-columns:1fr;gap:0;padding:.3rem 0}}
input[type=search]{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.4rem;padding:.35rem .6rem;width:min(100%,22rem)}
code{font:.9em ui-monospace,monospace;white-space:pre-wrap}
[hidden]{display:none!important}
@media print{body{font-size:11pt}.card,.host{break-inside:avoid}#search{display:none}}
`;

/** Search by words and states; the page says all there is to say without it. */
const SCRIPT = `
const box=document.getElementById('search'),field=box.querySelector('input'),said=document.getElementById('found');
const hosts=[...document.querySelectorAll('details.host')];
const look=()=>{const words=field.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const host of hosts){const text=host.querySelector('summary').textContent.toLowerCase();host.hidden=!words.every(w=>text.includes(w));if(!host.hidden)n++}
said.textContent=n+' of '+hosts.length+' hosts'};
field.addEventListener('input',look);box.hidden=hosts.length<2;look();
addEventListener('beforeprint',()=>{for(const one of document.querySelectorAll('details'))one.open=true});
`;

const HASH = createHash('sha256').update(SCRIPT).digest('base64');

/** A whole page. Its policy lets no script run but its own, and nothing be loaded. Title and body are HTML. */
export function htmlPage(title: string, body: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

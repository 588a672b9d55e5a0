/** The style of the pages: light and dark, wide and narrow, printed. Nothing is loaded from anywhere. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--fg:#18202b;--soft:#566072;--line:#d9dde4;--grid:#e9ecf0;--good:#14683a;--good-bg:#e2f3e8;--warn:#7a4a00;--warn-bg:#fbeed2;--bad:#b0221b;--bad-bg:#fce8e6;--idle:#8a94a5;--new:#1f62d6;--none-bg:#eceff3}
@media screen and (prefers-color-scheme:dark){:root{--page:#0f1318;--card:#171c23;--fg:#e4e8ee;--soft:#a2acbb;--line:#2c343f;--grid:#232a34;--good:#74d69b;--good-bg:#16301f;--warn:#efbd62;--warn-bg:#352710;--bad:#ff958b;--bad-bg:#3b1b19;--idle:#707b8d;--new:#73a8ff;--none-bg:#222933}}
@media print{:root{color-scheme:light}}
*,::before,::after{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
main,header,footer{max-width:74rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2rem}
.eyebrow{color:var(--soft);margin:0 0 .4rem;display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:baseline}
h1{font-size:1.7rem;line-height:1.28;font-weight:650;letter-spacing:-.01em;margin:0;text-wrap:pretty}
h2{font-size:1.15rem;font-weight:650;margin:2.2rem 0 .7rem}
h3{font-size:.95rem;font-weight:650;margin:1.4rem 0 .5rem}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2.2rem;margin:1.2rem 0 0;padding:0;list-style:none}
.facts b{display:block;font-size:1.35rem;line-height:1.3;font-weight:650}
.facts li{color:var(--soft);font-size:.87rem}.facts b{color:var(--fg)}.facts .isbad b{color:var(--bad)}.facts .iswarn b{color:var(--warn)}
.meta,footer,.note{color:var(--soft);font-size:.87rem}
.meta{margin:1rem 0 0}
footer{padding-block:2.5rem}
.pill{display:inline-block;border-radius:1rem;padding:0 .6rem;font-size:.85rem;font-weight:600;background:var(--none-bg);color:var(--fg)}
.pill.good{background:var(--good-bg);color:var(--good)}.pill.isbad{background:var(--bad-bg);color:var(--bad)}.pill.iswarn{background:var(--warn-bg);color:var(--warn)}
.card,.host{background:var(--card);border:1px solid var(--line);border-radius:.6rem;margin:.6rem 0;padding:.8rem 1.1rem}
.host{content-visibility:auto;contain-intrinsic-size:auto 4em}
.bad{border-left:4px solid var(--bad)}.warn{border-left:4px solid var(--warn)}
.card p{margin:.3rem 0}.card p:first-child{margin-top:0}
dl{display:grid;grid-template-columns:fit-content(14rem) minmax(0,1fr);gap:.15rem 1rem;margin:.5rem 0;font-size:.93rem}dt{color:var(--soft)}dd{margin:0;white-space:pre-wrap}
summary{cursor:pointer;margin:-.8rem -1.1rem;padding:.8rem 1.1rem;border-radius:.6rem}
summary:hover{background:var(--grid)}
details[open]>summary{border-radius:.6rem .6rem 0 0;margin-bottom:0}
summary b{margin-right:.7rem}summary>span{margin-right:.9rem;color:var(--soft);font-size:.9rem}summary>.pill{color:var(--fg)}summary>.good{color:var(--good)}summary>.isbad{color:var(--bad)}
.names summary{margin:.3rem 0 0;padding:0;border-radius:.3rem;color:var(--soft);font-size:.9rem}.names p{margin:.2rem 0 0;font-size:.9rem}
:focus-visible{outline:3px solid var(--new);outline-offset:2px}
.rows{list-style:none;margin:0;padding:0}
.rows li{display:grid;grid-template-columns:minmax(8rem,19rem) minmax(0,1fr) 12.5rem;gap:1rem;align-items:center;padding:.13rem 0;font-size:.9rem;line-height:1.4}
.rows span{color:var(--soft);text-align:right}
.rows i{--a:0;--b:100;position:relative;height:1.05rem;margin:0 .45rem;background:linear-gradient(90deg,var(--line) 1px,transparent 1px) 0/25% 100%,linear-gradient(var(--grid),var(--grid)) center/100% 1px no-repeat;border-right:1px solid var(--line)}
.rows i::before{content:"";position:absolute;inset:.22rem calc(100% - var(--b)*1%) .22rem calc(var(--a)*1%);min-width:3px;background:var(--new);border-radius:2px}
.rows .f i::before{background:var(--bad)}.rows .s i::before{background:var(--idle)}
.rows .w{color:var(--soft)}.rows .w i::before{inset-block:.4rem;background:repeating-linear-gradient(90deg,var(--idle) 0 2px,transparent 2px 6px)}
.rows .axis{color:var(--soft);font-size:.8rem}.rows .axis i{grid-column:2;display:flex;justify-content:space-between;font-style:normal;background:none;border:0;height:auto;margin:0}.axis i::before,.axis i::after{content:none!important}
.ends i::before{inset-block:0;right:calc(100% - var(--b)*1% - .3rem);border-radius:0;background:radial-gradient(circle at calc(100% - .3rem) 50%,var(--new) .28rem,transparent .31rem),linear-gradient(var(--new),var(--new)) left center/calc(100% - .3rem) 3px no-repeat}
.ends i::after{content:"";position:absolute;top:calc(50% - .3rem);left:calc(var(--a)*1% - .3rem);width:.6rem;height:.6rem;border:2px solid var(--idle);border-radius:50%;background:var(--card)}
.ends .n i::after{content:none}
.key{color:var(--soft);font-size:.83rem;font-weight:400;margin-left:.6rem}
.key::before{content:"";display:inline-block;width:.6rem;height:.6rem;margin-right:.35rem;border:2px solid var(--idle);border-radius:50%}
.key.n::before{border-color:var(--new);background:var(--new)}
.key.w::before{width:1.1rem;border:0;border-radius:0;background:repeating-linear-gradient(90deg,var(--idle) 0 2px,transparent 2px 6px)}
table{border-collapse:collapse;width:100%;font-size:.9rem}th{text-align:left;font-weight:600;color:var(--soft);font-size:.83rem}
td,th{padding:.35rem .9rem .35rem 0;vertical-align:top;border-bottom:1px solid var(--grid)}tr:last-child td{border-bottom:0}td.r,th.r{text-align:right;white-space:nowrap}.d{white-space:nowrap}
.calendar th,.calendar td{text-align:center;padding-inline:.2rem}.calendar .pill{text-decoration:none;min-width:2rem}a{color:inherit}table{line-height:1.4}details>table{margin-top:.6rem}th,[data-name=Severity],[data-name=Expires],[data-name="First expiry"],[data-name=Left],[data-name=Day]{white-space:nowrap}[data-name=Host],[data-name=CA]{min-width:7rem}[data-name=Why]{min-width:11rem}
.months .card{margin:0;border-radius:0;border-top-width:0}.months .card:first-child{border-top-width:1px;border-radius:.6rem .6rem 0 0}.months .card:last-child{border-radius:0 0 .6rem .6rem}.months summary{border-radius:0;margin-block:-.6rem;padding-block:.6rem}.months .card{padding-block:.6rem}
.tools label{white-space:nowrap;display:flex;gap:.6rem;align-items:center}.tools{display:flex;flex-wrap:wrap;gap:.5rem .8rem;align-items:center;margin:.8rem 0}
input[type=search]{font:inherit;color:inherit;background:var(--card);border:1px solid var(--idle);border-radius:.45rem;padding:.35rem .7rem;width:min(100%,17rem)}
button{font:inherit;font-size:.9rem;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.45rem;padding:.35rem .75rem;cursor:pointer}
button:hover{border-color:var(--idle)}button[aria-pressed=true]{background:var(--fg);border-color:var(--fg);color:var(--page)}
#found{color:var(--soft);font-size:.9rem}
::placeholder{color:var(--soft);opacity:1}
code,pre{font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap}pre{margin:.8rem 0 0;font-size:.83rem;overflow-x:auto}
details>p{margin:.5rem 0}.planned h3 span,.planned li>span{color:var(--soft);font-weight:400}.planned li>span{margin-left:.5rem}.planned dd{white-space:normal}.planned p,.planned .plain{margin:0}.planned b.good{color:var(--good)}.planned b.isbad{color:var(--bad)}.planned b.iswarn{color:var(--warn)}
.diff{margin:.2rem 0 .5rem}.diff summary{margin:0;padding:0;border-radius:.3rem;color:var(--soft)}.diff pre{margin:.2rem 0 0;border:1px solid var(--line);border-radius:.4rem;padding:.3rem 0;overflow:hidden}.diff pre>*{display:block;padding:0 .5rem 0 calc(.5rem + 2ch);text-indent:-2ch;text-decoration:none}.diff ins{background:var(--good-bg);color:var(--good)}.diff del{background:var(--bad-bg);color:var(--bad)}.diff .at{color:var(--soft)}
.fleet tr.iswarn{color:var(--warn)}
ul.plain{margin:.3rem 0;padding-left:1.2rem}
[hidden]{display:none!important}
@media(max-width:48rem){main,header,footer{padding-inline:.9rem}header{padding-top:1.2rem}h1{font-size:1.3rem}.facts{gap:.5rem 1.4rem}
.rows li{grid-template-columns:1fr auto;gap:0 .8rem;padding:.25rem 0}.rows i{grid-column:1/-1;grid-row:2}.rows .axis i{grid-column:1/-1;grid-row:1}
.card,.host{padding-inline:.8rem}summary{margin-inline:-.8rem;padding-inline:.8rem}
table,tbody,tr,td{display:block}thead{display:none}td{border:0;padding:.05rem 0}td.r{text-align:left}tr{border-bottom:1px solid var(--grid);padding:.5rem 0}tr:last-child{border:0}td[data-name]::before{content:attr(data-name)": ";color:var(--soft)}td:empty{display:none}.fleet td:nth-child(-n+2){display:inline-block;margin-right:.7rem;font-weight:600}.fleet td[data-name=Cluster]::before{content:none}
[data-name=Host],[data-name=CA],[data-name=Severity],[data-name=Expires],[data-name="First expiry"],[data-name=Left],[data-name=Certificate],.calendar td:not(:empty){display:inline-block;min-width:0;margin-right:.7rem}td[data-name=""]::before,td[data-name=Host]::before,td[data-name=CA]::before,td[data-name=Severity]::before,td[data-name=Year]::before{content:none}}
@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.3rem}}
@media print{.host{content-visibility:visible}body{font-size:10pt;background:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.card,.rows li,tr,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}.tools{display:none}::details-content{content-visibility:visible;block-size:auto}pre{white-space:pre-wrap}}
`;

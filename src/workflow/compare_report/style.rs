//! How the page looks.

/// Light by default, dark where the browser is; prints on paper.
pub(super) const CSS: &str = "
:root{--paper:#f6f7f9;--card:#fff;--ink:#17202b;--soft:#5a6675;--line:#d9dee5;--accent:#2563c9;--bad:#c8323a;--warn:#a96800;--good:#12805c;--heat:37,99,201}
@media(prefers-color-scheme:dark){:root{--paper:#14181e;--card:#1c222a;--ink:#e7ebf0;--soft:#9aa7b6;--line:#323b47;--accent:#6aa5ff;--bad:#ff767c;--warn:#f5b34a;--good:#4fd3a5;--heat:106,165,255}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:21px;margin:36px 0 4px}h3{font-size:16px;margin:28px 0 6px}
p{margin:4px 0 10px;max-width:78ch}.soft{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:14px 0}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.tile b{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{display:block;color:var(--soft);font-size:13px}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;font-size:13px}
th:first-child,td:first-child,.words td,.words th{text-align:left}
tr:last-child td{border-bottom:0}tr.sum td{font-weight:600}
.words td{white-space:normal}
.swatch{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(380px,1fr));gap:12px}
figure{margin:0}figcaption{font-size:13px;color:var(--soft);margin-top:4px}
svg text{font-size:12px;fill:var(--soft)}
.grid{stroke:var(--line)}.axis,.frame{stroke:var(--soft);fill:none}
.curve,.bound,.ideal{fill:none;stroke:var(--accent);stroke-width:2}.bound{stroke-dasharray:5 4;stroke-width:1.3}
.ideal{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
.hit{stroke:var(--good)}.miss{stroke:var(--bad)}.mark{stroke:var(--warn);stroke-dasharray:2 2}
.bar{fill:var(--accent);opacity:.28}.dot{fill:var(--accent)}
.cases{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:14px}
.photo{position:relative}.photo img,.photo svg{display:block;width:100%;height:auto;border-radius:5px}
.photo svg{position:absolute;inset:0;height:100%}
.photo rect{fill:none;stroke:#fff;stroke-width:2;vector-effect:non-scaling-stroke}
.photo text{fill:#fff;paint-order:stroke;stroke:#000;stroke-width:.25em;font-weight:700}
.case ul{margin:6px 0 0;padding-left:20px;font-size:14px}
details{margin-top:10px}summary{cursor:pointer;color:var(--soft)}
@media print{body{background:#fff}.card,.tile,.scroll{break-inside:avoid}}
";

//! How the page looks.

/// Light; on paper A4 without backgrounds that a printer would drop. No `<` and no `&`, so that it may stand in markup as it is.
pub(super) const CSS: &str = "
@page{size:A4;margin:14mm 13mm 16mm}
:root{--ink:#17202b;--soft:#566373;--line:#d5dbe3;--head:#f1f4f7;--ok:#3BA776;--ng:#E5484D;--review:#F2A93B}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
main{max-width:1020px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:25px;line-height:1.2;margin:0 0 2px}h2{font-size:19px;margin:30px 0 6px;padding-top:10px;border-top:2px solid var(--ink)}
h3{font-size:15px;margin:22px 0 6px}h4{font-size:13px;margin:10px 0 2px}h4 .soft{font-weight:400}h1,h2,h3,h4{break-after:avoid}
p{margin:4px 0 8px;max-width:90ch}.soft,caption,figcaption{color:var(--soft)}
table{border-collapse:collapse;width:100%;margin:4px 0 10px}
thead{display:table-header-group}tr{break-inside:avoid}
th,td{padding:4px 9px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:break-word}
th{background:var(--head);color:var(--soft);font-weight:600;font-size:12.5px;overflow-wrap:normal}
tbody th{background:none;width:17em}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hash{overflow-wrap:anywhere;font:11.5px/1.4 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.v{white-space:nowrap;font-weight:600;padding:0 5px 0 6px;border-left:4px solid;border-radius:2px}
.v.ok{border-color:var(--ok)}.v.ng{border-color:var(--ng)}.v.review{border-color:var(--review)}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:9px;margin:8px 0 10px}
.tile{border:1px solid var(--line);border-left:5px solid var(--line);border-radius:4px;padding:7px 11px;break-inside:avoid}
.tile.ok{border-left-color:var(--ok)}.tile.ng{border-left-color:var(--ng)}.tile.review{border-left-color:var(--review)}
.tile b{display:block;font-size:24px;line-height:1.15;font-variant-numeric:tabular-nums}.tile span{display:block;color:var(--soft);font-size:12.5px}
.alarm{border:1px solid var(--ng);border-left-width:5px;border-radius:4px;padding:6px 11px;margin:6px 0;break-inside:avoid}
.mild{border-color:var(--review)}
.bar{display:block}
.curves{display:grid;grid-template-columns:repeat(2,1fr);gap:10px 14px}
figure{margin:0;break-inside:avoid}figcaption{font-size:12.5px}
.curves svg{display:block;width:100%;height:auto}
.key{vertical-align:middle;margin:0 4px 0 12px}
.strip{margin:4px 0 10px}.crop,.limit{display:inline-block;vertical-align:top;margin:0 8px 8px 0}
.crop{width:132px;font-size:12px;line-height:1.35}.pic{position:relative;width:132px;background:var(--head)}
.pic img{display:block;width:100%;height:auto}.pic svg{position:absolute;left:0;top:0;width:100%;height:100%}
.none{height:90px;padding:8px;color:var(--soft)}
.limit{border-left:3px solid var(--ink);padding:4px 0 0 5px;min-height:132px;font-size:12px;font-weight:600;font-variant-numeric:tabular-nums}
.words dt{font-weight:600;margin-top:5px}.words dd{margin:0 0 0 1.5em;color:var(--soft);max-width:90ch}
@media(max-width:640px){.tiles,.curves{grid-template-columns:1fr}}
@media print{*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{font-size:10.5pt}main{max-width:none;padding:0}
h2{font-size:14pt}.tiles{grid-template-columns:repeat(3,1fr)}.curves{grid-template-columns:repeat(2,1fr)}}
";

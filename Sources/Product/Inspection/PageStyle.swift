/// The look of the page, which is that of `crayon serve` too: dark or light as the system is, one column on a phone, two
/// where there is room.
package enum PageStyle {
  package static let css = """
    :root { color-scheme: dark light; --back: #16171b; --card: #1f2127; --line: #33363f; --text: #e8e9ec;
      --faint: #a0a5b1; --mark: #ffd34d; --on-mark: #000; }
    @media (prefers-color-scheme: light) { :root { --back: #f4f4f1; --card: #fff; --line: #d3d4d8; --text: #1b1c20;
      --faint: #5c6068; --mark: #b34700; --on-mark: #fff; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--text);
      font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
    header, main { max-width: 1180px; margin: 0 auto; padding: 16px; }
    h1 { font-size: 1.35rem; margin: 0 0 4px; }
    h2 { font-size: 1rem; margin: 0 0 8px; display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
    h2 b { background: var(--line); border-radius: 6px; padding: 0 8px; font-weight: 600; }
    h2 span, p.faint, .faint { color: var(--faint); font-weight: 400; font-size: .875rem; }
    p { margin: 0 0 8px; }
    .answer { font-size: 1.2rem; border-left: 4px solid var(--mark); padding: 4px 0 4px 12px; margin: 12px 0; }
    main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); padding-top: 0; }
    @media (min-width: 800px) { main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      section.wide { grid-column: 1 / -1; } }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px; min-width: 0; }
    canvas, section img { display: block; width: 100%; height: auto; border-radius: 6px; background: #000; }
    canvas { cursor: crosshair; touch-action: manipulation; }
    img.crisp { image-rendering: pixelated; }
    .chips { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 10px; }
    .chip { border: 1px solid var(--line); border-radius: 999px; padding: 2px 10px 2px 6px; font-size: .875rem;
      display: inline-flex; gap: 6px; align-items: center; cursor: pointer; background: none; color: inherit; }
    .chip i { width: 14px; height: 14px; border-radius: 4px; flex: none; }
    .chip.on, mark.on { background: var(--mark); color: var(--on-mark); border-color: var(--mark); }
    mark { background: none; color: inherit; border-radius: 4px; padding: 0 2px; cursor: pointer; }
    .bar { display: flex; height: 26px; border-radius: 6px; overflow: hidden; margin-bottom: 10px; }
    .bar div { min-width: 3px; }
    .span { display: grid; grid-template-columns: 96px 1fr; gap: 8px; padding: 6px 0; border-top: 1px solid var(--line); }
    .span > div:first-child { font-size: .875rem; }
    .span i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; }
    pre { white-space: pre-wrap; margin: 0; font: .8125rem/1.5 "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
    .layers { display: flex; align-items: flex-end; gap: 2px; height: 120px; border-bottom: 1px solid var(--line); }
    .layers div { flex: 1; background: #6aa7ff; min-height: 1px; border-radius: 2px 2px 0 0; }
    table { border-collapse: collapse; width: 100%; font-size: .875rem; }
    td, th { text-align: left; padding: 3px 8px 3px 0; border-top: 1px solid var(--line); font-weight: 400; }
    th { color: var(--faint); border: 0; }
    td.n { text-align: right; font-variant-numeric: tabular-nums; }
    """
}

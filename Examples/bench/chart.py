"""The ratios as a picture: a bar a case, group by group, each with its number and the best peer's name."""

from pathlib import Path

WON, LOST, TEXT, LINE = "#2a6f97", "#c8553d", "#222222", "#d5d5d5"
#: The ends of the axis; longer bars end there, and their number says how long they are.
LEAST, MOST = 0.25, 8
#: Inches: a bar, the space between groups, and what stands around all.
BAR, GAP, FRAME = 0.19, 0.5, 1.3


def draw(rows: list[dict], file: Path) -> None:
    """Writes the picture, on a scale where twice as fast and half as fast look alike."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plot
    from matplotlib.ticker import NullLocator

    shown = [row for row in rows if row.get("ratio")]
    if not shown:
        return
    several = len({row["threads"] for row in shown}) > 1
    groups = list(dict.fromkeys(row["group"] for row in shown))
    places, names, marks, place = [], [], [], 0.0
    ordered = [row for group in groups for row in shown if row["group"] == group]
    for row, before in zip(ordered, [None, *ordered]):
        if before is None or row["group"] != before["group"]:
            place += GAP / BAR / 2 + 0.6
            marks.append((place - 1, row["group"]))
        places.append(place)
        names.append(row["case"] + (f", {row['threads']} threads" if several and row["threads"] > 1 else ""))
        place += 1
    figure, axes = plot.subplots(figsize=(9.5, FRAME + BAR * place))
    ends = [min(max(row["ratio"], LEAST), MOST) for row in ordered]
    colours = [WON if row["ratio"] >= 1 else LOST for row in ordered]
    axes.barh(places, [end - 1 for end in ends], left=1, height=0.72, color=colours, zorder=2)
    for at, end, row in zip(places, ends, ordered):
        said = f"{row['ratio']:.2f}  {row['best_peer']}"
        axes.text(max(end, 1) * 1.03, at, said, va="center", fontsize=7, color=TEXT)
    for at, group in marks:
        axes.text(LEAST, at, group, va="center", fontsize=8, fontweight="bold", color=TEXT)
    axes.set_xscale("log", base=2)
    axes.set_xlim(LEAST, MOST * 1.6)
    axes.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["¼", "½", "1", "2", "4", "8"], fontsize=8)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(places, names, fontsize=7)
    axes.set_ylim(place, -0.5)
    axes.grid(axis="x", color=LINE, linewidth=0.6, zorder=0)
    axes.axvline(1, color=TEXT, linewidth=0.9, zorder=3)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("How many times as fast as the best peer", loc="left", fontsize=11, color=TEXT)
    figure.tight_layout()
    figure.savefig(file, dpi=150)
    plot.close(figure)

"""Results as Markdown: medians, spread, ratio, target."""
import statistics

from rows import LOADS, SCENES, SECTIONS

ALL = [*SCENES, *LOADS]


def values(results, subject, row, key):
    runs = results.get(subject, {}).get("runs", {}).get(row.id, [])
    return [run[key] for run in runs if key in run]


def median(results, subject, row, key):
    found = values(results, subject, row, key)
    return statistics.median(found) if found else None


def number(value):
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(found):
    """Median, and the least and the most where there are several runs."""
    if not found:
        return "–"
    text = number(statistics.median(found))
    return text if len(found) < 2 else f"{text} ({number(min(found))}–{number(max(found))})"


def verdict(figure, ours, theirs, context):
    if figure.target is None or ours is None:
        return None
    return figure.target.reached(ours, theirs, context)


def lines(results, full):
    """(row, cells) of each figure; without `full` only figures that have a target or belong to a row without any."""
    context = results.get("headwater", {}).get("context", {})
    for section in SECTIONS:
        for row in (row for row in ALL if row.section == section and row.figures):
            any_target = any(figure.target for figure in row.figures)
            for place, figure in enumerate(row.figures):
                if not full and any_target and figure.target is None:
                    continue
                if not full and not any_target and place > 1:
                    continue
                theirs, ours = (values(results, subject, row, figure.key) for subject in ("kafka", "headwater"))
                if not ours and not theirs:
                    continue
                show = spread if full else lambda found: number(statistics.median(found)) if found else "–"
                their, our = (statistics.median(found) if found else None for found in (theirs, ours))
                reached = verdict(figure, our, their, context)
                mark = "" if figure.target is None else figure.target.text + {True: " reached", False: " **missed**", None: ""}[reached]
                yield section, row, figure, [show(theirs), show(ours), ratio(our, their), mark], reached


def ratio(ours, theirs):
    """Headwater's share of Kafka's figure."""
    if not ours or not theirs:
        return "–"
    share = ours / theirs
    return f"{share:.2f}×" if share >= 0.1 else f"1/{1 / share:,.0f}"


def table(results, full=False):
    out, last_section, last_row = [], None, None
    for section, row, figure, cells, reached in lines(results, full):
        if section != last_section:
            out += ["", f"**{section}**", "", "| load | acks | figure | Apache Kafka | Headwater | ratio | target | what bounds it |",
                    "| --- | --- | --- | ---: | ---: | ---: | --- | --- |"]
        again = row is last_row
        bound = row.bound if not again else ""
        cells = ["" if again else row.name, "" if again else row.promise.text, figure.label, *cells, bound]
        out.append("| " + " | ".join(cells) + " |")
        last_section, last_row = section, row
    failures = [f"- {subject}, {id}: {why.splitlines()[0][:200] if why else '?'}" for subject in ("kafka", "headwater")
                for id, why in results.get(subject, {}).get("failures", {}).items()]
    if failures:
        out += ["", "Not measured, because it failed:", "", *failures]
    return "\n".join(out[1:])


def count(results):
    """(reached, missed)"""
    verdicts = [reached for *_, reached in lines(results, True)]
    return verdicts.count(True), verdicts.count(False)


def cores(results):
    """Who used the machine's cores in each load: what a row is bounded by can be seen here."""
    out = ["| load | acks | Apache Kafka: broker / load / others | Headwater: broker / load / others |", "| --- | --- | --- | --- |"]
    for row in LOADS:
        cells = []
        for subject in ("kafka", "headwater"):
            found = values(results, subject, row, "cores")
            cells.append(" / ".join(f"{statistics.median(run[place] for run in found):.2f}" for place in range(3)) if found else "–")
        if cells != ["–", "–"]:
            out.append("| " + " | ".join([row.name, row.promise.text, *cells]) + " |")
    return "\n".join(out)

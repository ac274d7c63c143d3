"""Plots of the results as SVG, without any library."""
import math
import os
import statistics

from report import ALL, median, values

COLORS = {"kafka": "#9a9a9a", "headwater": "#1565c0"}
NAMES = {"kafka": "Apache Kafka", "headwater": "Headwater"}
# (row, figure, words): of each what "better" is follows from the figure.
RATIOS = [
    ("start-fresh", "ready_ms", "time until ready"), ("idle", "mib", "memory, idle"), ("loaded", "mib", "memory, under load"),
    ("one-1-leader", "cpu_request", "CPU, one record a request"), ("one-1-leader", "p50", "p50, one record a request"), ("one-1-leader", "p99", "p99, one record a request"),
    ("one-200-leader", "cpu_request", "CPU, the same on 200 connections"), ("one-6-synced", "requests_s", "synced, 6 connections"),
    ("one-200-synced", "requests_s", "synced, 200 connections"), ("batch-17k-leader", "cpu_gb", "CPU, 17 KB batches"),
    ("batch-17k-leader", "mb_s", "speed, 17 KB batches"), ("batch-1m-leader", "cpu_gb", "CPU, 1 MB batches"), ("batch-1m-leader", "mb_s", "speed, 1 MB batches"),
    ("batch-70k-synced", "mb_s", "speed, 70 KB batches synced"), ("fetch-1m", "cpu_gb", "CPU, fetch of 1 MiB"), ("fetch-1m", "mb_s", "speed, fetch of 1 MiB"),
    ("fetch-small", "cpu_request", "CPU, small fetches"), ("e2e-memory", "p99", "end to end p99"), ("lz4-kept", "cpu_gb", "CPU, lz4 kept"),
    ("lz4-broker", "cpu_gb", "CPU, lz4 by the broker"), ("compaction", "cpu_gb", "CPU, compaction"), ("partitions-10000", "created_s", "10,000 partitions created"),
    ("partitions-10000", "mib", "memory with them"), ("partitions-10000", "clean_s", "clean restart with them"),
    ("partitions-10000", "killed_s", "restart after kill -9"),
]


def svg(width, height, title, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="system-ui, sans-serif" font-size="12" role="img"><title>{title}</title>'
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
            f'<text x="12" y="22" font-size="15" font-weight="600" fill="#222">{title}</text>')
    return head + "".join(parts) + "</svg>\n"


def text(x, y, words, anchor="start", color="#333"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{words}</text>'


def line(x1, y1, x2, y2, color="#ddd", width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-width="{width}"/>'


def decades(low, high):
    """Round numbers that cover both, for an axis of powers of ten."""
    return [10.0 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def ratios(results):
    """How many times better than Kafka, on an axis of powers of ten."""
    rows = {row.id: row for row in ALL}
    bars = []
    for id, key, words in RATIOS:
        figure = next((figure for figure in rows[id].figures if figure.key == key), None)
        theirs, ours = (median(results, subject, rows[id], key) for subject in ("kafka", "headwater"))
        if figure and theirs and ours:
            bars.append((words, ours / theirs if figure.higher else theirs / ours))
    if not bars:
        return None
    marks = decades(min(0.5, min(times for _, times in bars)), max(10.0, max(times for _, times in bars)))
    left, right, top, step = 230, 720, 52, 20
    span = math.log10(marks[-1] / marks[0])
    place = lambda times: left + math.log10(times / marks[0]) / span * (right - left)
    bottom = top + step * len(bars)
    parts = []
    for mark in marks:
        parts += [line(place(mark), top - 6, place(mark), bottom, "#888" if mark == 1 else "#ddd"), text(place(mark), top - 10, f"{mark:g}×", "middle")]
    for number, (words, times) in enumerate(bars):
        y = top + number * step
        begin, end = sorted((place(1), place(times)))
        color = COLORS["headwater"] if times >= 1 else "#c62828"
        parts += [text(left - 8, y + 13, words, "end"), f'<rect x="{begin:.1f}" y="{y + 3}" width="{max(end - begin, 1):.1f}" height="13" fill="{color}"/>',
                  text(end + 5, y + 13, f"{times:.1f}×" if times < 100 else f"{times:,.0f}×")]
    return svg(800, bottom + 14, "How many times better than Apache Kafka 4.3.1 (right of 1×: better)", parts)


def chart(title, x_label, y_label, marks_x, series, log_x):
    """Lines over an axis of powers of ten; `series`: (name, color, dash, [(x, y)])."""
    points = [y for _, _, _, row in series for _, y in row if y > 0]
    if not points:
        return None
    left, right, top, bottom = 80, 600, 62, 338
    marks = decades(min(points), max(points))
    y_at = lambda y: bottom - math.log10(max(y, marks[0]) / marks[0]) / math.log10(marks[-1] / marks[0]) * (bottom - top)
    first, last = marks_x[0][0], marks_x[-1][0]
    scale = math.log10 if log_x else float
    x_at = lambda x: left + (scale(x) - scale(first)) / (scale(last) - scale(first)) * (right - left)
    parts = [text(left, bottom + 38, x_label), text(12, top - 18, y_label)]
    for mark in marks:
        parts += [line(left, y_at(mark), right, y_at(mark)), text(left - 6, y_at(mark) + 4, f"{mark:,.0f}", "end")]
    for x, words in marks_x:
        parts += [line(x_at(x), top, x_at(x), bottom), text(x_at(x), bottom + 18, words, "middle")]
    for number, (name, color, dash, row) in enumerate(series):
        path = " ".join(f"{x_at(x):.1f},{y_at(y):.1f}" for x, y in row)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts += [f'<circle cx="{x_at(x):.1f}" cy="{y_at(y):.1f}" r="3" fill="{color}"/>' for x, y in row]
        y = top + 14 + number * 18
        parts += [f'<line x1="{right + 14}" y1="{y}" x2="{right + 44}" y2="{y}" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>', text(right + 50, y + 4, name)]
    return svg(900, bottom + 52, title, parts)


def latencies(results, id, title):
    row = next(row for row in ALL if row.id == id)
    quantiles = [(1, "p50"), (2, "p95"), (3, "p99"), (4, "p99.9"), (5, "max")]
    series = []
    for subject in ("kafka", "headwater"):
        runs = values(results, subject, row, "latency")
        if runs:
            series.append((NAMES[subject], COLORS[subject], "0", [(x, max(1, statistics.median(run[x - 1] for run in runs))) for x, _ in quantiles]))
    return chart(title, "quantile", "µs", quantiles, series, False)


def dirty(results):
    rows = {row.id: row for row in ALL}
    series = []
    for subject, promise in (("kafka", "page cache"), ("headwater", "synced")):
        for records, words, dash in ((160, "17 KB", "0"), (640, "70 KB", "6 4")):
            found = [(count, median(results, subject, rows[f"dirty-{records}-{count}"], "mb_s")) for count in (1, 6, 64, 1000)]
            found = [(count, value) for count, value in found if value]
            if found:
                series.append((f"{NAMES[subject]}, {promise}, {words}", COLORS[subject], dash, found))
    marks = [(1, "1"), (6, "6"), (64, "64"), (1000, "1,000")]
    return chart("Batches with acks=all, 30 requests under way", "partitions that are written to", "MB/s", marks, series, True)


def write(results, directory):
    """Writes what can be drawn and returns [(file name, words)]."""
    os.makedirs(directory, exist_ok=True)
    written = []
    for name, words, drawn in (
            ("ratios.svg", "How many times better than Apache Kafka", ratios(results)),
            ("latency.svg", "Latency of one record, open loop", latencies(results, "open-1-memory", "One record a request, 1,000/s, acks=all in memory: latency from the intended time")),
            ("end-to-end.svg", "End-to-end latency", latencies(results, "e2e-memory", "Until a waiting consumer has it, 1,000/s, acks=all in memory")),
            ("partitions.svg", "Synced batches over many partitions", dirty(results))):
        if drawn:
            with open(os.path.join(directory, name), "w") as file:
                file.write(drawn)
            written.append((name, words))
    return written

import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent } from "echarts/components";
import { init, use as register } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { parseSearch } from "@/app/search";
import { series } from "@/app/theme";
import { fen, type MoneyUnit } from "@/shared/money";
import { pageOf } from "@/shared/To";
import { axisNames } from "../trend";

register([BarChart, GridComponent, AriaComponent, LabelLayout, CanvasRenderer]);

export interface Bar {
  month: string;
  amount: string;
  name: string;
  year: string;
  text: string;
  is_in_period: boolean;
  entries_url: string;
}

const look = { ...series, ink: "#1B1E22", fontSize: 12 };

interface Props {
  bars: readonly Bar[];
  unit: MoneyUnit;
  label: string;
}

/** Amounts by month: the period in question in accent with its values on top, what came before pale without values. */
export default function TrendChart({ bars, unit, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  useEffect(() => {
    const element = box.current!;
    const chart = init(element, undefined, { renderer: "canvas" });
    // A drawing has no use for more than four digits, so the height of a bar may be a Number.
    const size = unit === "yi" ? 10_000_000_000n : 1_000_000n;
    const height = (yuan: string) => Number((fen(yuan) * 1000n) / size) / 1000;
    const text = { color: look.text, fontFamily: series.face, fontSize: look.fontSize };
    chart.setOption({
      animation: false,
      grid: { left: 4, right: 4, top: look.fontSize + 10, bottom: 0, containLabel: true },
      xAxis: {
        type: "category",
        data: axisNames(bars),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { ...text, interval: 0, hideOverlap: true, lineHeight: look.fontSize * 1.35 },
      },
      yAxis: { type: "value", splitNumber: 4, axisLabel: text, splitLine: { lineStyle: { color: look.grid } } },
      series: [
        {
          type: "bar",
          barWidth: "58%",
          cursor: "pointer",
          data: bars.map((bar) => ({
            value: height(bar.amount),
            itemStyle: { color: bar.is_in_period ? look.current : look.before, borderRadius: [3, 3, 0, 0] },
            label: { show: bar.is_in_period, formatter: bar.text },
          })),
          label: { position: "top", color: look.ink, fontFamily: series.face, fontSize: look.fontSize, fontWeight: 600 },
          labelLayout: { hideOverlap: true },
          emphasis: { disabled: true },
        },
      ],
    });
    chart.on("click", (event) => {
      const [path, search = ""] = (pageOf(bars[event.dataIndex]?.entries_url) ?? "").split("?");
      if (path) void navigate({ to: path, search: parseSearch(search) as never });
    });
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [bars, unit, navigate]);
  return <div ref={box} role="img" aria-label={label} style={{ width: "100%", height: "100%" }} />;
}

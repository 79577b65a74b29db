/** Chooses industries: a tree to open while nothing is typed, then what fits, each with what it belongs to. */
import { TreeSelect, type TreeSelectProps } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import { useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { findIndustries, type Industry, nameOfIndustry } from "../industries";
import css from "./industry.module.css";

type Value = string | string[] | null;

interface Props extends Pick<TreeSelectProps, "id" | "size" | "autoFocus" | "defaultOpen" | "disabled" | "placeholder" | "style"> {
  value?: Value;
  /** Called with one code or none, with `several` with a list of them. */
  onChange?(value: Value): void;
  several?: boolean;
  allowClear?: boolean;
  /** Names the field where no label stands beside it. */
  label?: string;
}

/** A choice with its name, which what is typed meanwhile may leave out of the list. */
interface Chosen {
  value: string;
  label?: ReactNode;
}

interface Node {
  value: string;
  title: ReactNode;
  /** What was typed, so that Enter takes the first of those found. */
  typed?: string;
  children?: Node[];
}

function nameOf(industry: Industry): string {
  return `${industry.code} ${nameOfIndustry(industry)}`;
}

function treeOf(industries: readonly Industry[]): Node[] {
  const nodes = new Map(industries.map((one) => [one.code, { value: one.code, title: nameOf(one), children: [] as Node[] }]));
  const roots: Node[] = [];
  for (const one of industries) ((one.parent_code && nodes.get(one.parent_code)?.children) || roots).push(nodes.get(one.code)!);
  return roots;
}

export function IndustrySelect({ value, onChange, several, allowClear = true, label, placeholder, ...rest }: Props) {
  const { t } = useTranslation("forms");
  const { meta } = useMeta();
  const [text, setText] = useState("");
  const tree = useMemo(() => treeOf(meta.industries), [meta.industries]);
  const found = useMemo((): Node[] => {
    if (!text.trim()) return tree;
    return findIndustries(meta.industries, text).map(({ industry, above, word }) => ({
      value: industry.code,
      title: (
        <span className={css.hit}>
          {industry.code} {above.length > 0 && <small>{above.map(nameOfIndustry).join(" › ")} › </small>}
          {nameOfIndustry(industry)}
          {word && <small className={css.word}>{said(word)}</small>}
        </span>
      ),
      typed: text,
    }));
  }, [meta.industries, tree, text]);
  const chosen = (code: string): Chosen => {
    const industry = meta.industries.find((one) => one.code === code);
    return { value: code, label: industry ? nameOf(industry) : code };
  };
  return (
    <TreeSelect<Chosen | Chosen[]>
      {...rest}
      aria-label={label}
      labelInValue
      value={Array.isArray(value) ? value.map(chosen) : value ? chosen(value) : undefined}
      multiple={several}
      allowClear={allowClear}
      treeData={found}
      showSearch={{ filterTreeNode: false, treeNodeFilterProp: "typed", searchValue: text, onSearch: setText }}
      placeholder={placeholder ?? t("industryPlaceholder")}
      notFoundContent={t("common:palette.nothing", { q: text })}
      style={{ width: "100%", ...rest.style }}
      popupMatchSelectWidth={false}
      classNames={{ popup: { root: `${css.popup} ${text.trim() ? css.found : ""}` } }}
      styles={{ popup: { root: { maxHeight: 360 } } }}
      onChange={(next: Chosen | Chosen[] | undefined) => {
        setText("");
        onChange?.(Array.isArray(next) ? next.map((one) => one.value) : (next?.value ?? null));
      }}
    />
  );
}

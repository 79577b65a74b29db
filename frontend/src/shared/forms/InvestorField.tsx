import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/client";
import { useTranslation } from "@/i18n";
import { choiceOf } from "@/shared/RefSelect";
import { useDebounced } from "@/shared/useDebounced";
import { type Choice, useOffered } from "@/shared/useOffered";
import css from "./forms.module.css";

/** An enterprise on record by its id, or a new one by its name: the service matches the name, or registers it. */
export interface Investor {
  id: string | null;
  name: string;
}

interface Props {
  value?: Investor | null;
  onChange?: (value: Investor | null) => void;
  id?: string;
  placeholder?: string;
}

const NEW = "new:";

/** Chooses an enterprise as one types its name, or takes the name as that of a new one. */
export function InvestorField({ value, onChange, id, placeholder }: Props) {
  const { t } = useTranslation("forms");
  const [text, setText] = useState("");
  const [isOpened, setIsOpened] = useState(false);
  const q = useDebounced(text.trim(), 200);
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/search", { params: { query: { q, types: "enterprise", limit: 12 } } }),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  });
  const offered = useOffered("enterprise", isOpened);
  const hits = q ? (found.data?.items ?? []).map(choiceOf) : [];
  const isNew = q && !hits.some((hit) => hit.label === q);
  const options = [...hits, ...(isNew ? [{ value: NEW + q, label: t("newEnterprise", { name: q }), note: "" }] : [])];
  const all: Choice[] = [...hits, ...offered.choices];
  const current = value && { value: value.id ?? NEW + value.name, name: value.name, note: value.id ? "" : t("new") };
  return (
    <Select
      id={id}
      value={current?.value}
      options={q ? options : offered.groups}
      defaultActiveFirstOption={q.length > 0}
      onOpenChange={(isOpen) => isOpen && setIsOpened(true)}
      loading={found.isFetching || offered.isReading}
      showSearch={{ filterOption: false, onSearch: setText }}
      allowClear
      placeholder={placeholder ?? t("common:ref.placeholder")}
      notFoundContent={t("common:ref.type")}
      style={{ width: "100%" }}
      optionRender={(option) => {
        const Icon = String(option.value).startsWith(NEW) ? Plus : Building2;
        return (
          <span className={css.option}>
            <Icon size={13} strokeWidth={1.75} aria-hidden="true" />
            {option.label}
            <small>{(option.data as { note?: string }).note}</small>
          </span>
        );
      }}
      labelRender={(label) => (
        <span>
          {current?.name ?? label.label}
          {current?.note && <small className={css.mark}>{current.note}</small>}
        </span>
      )}
      onChange={(key: string | undefined) => {
        const name = key?.startsWith(NEW) ? key.slice(NEW.length) : all.find((one) => one.value === key)?.label;
        onChange?.(key && name ? { id: key.startsWith(NEW) ? null : key, name } : null);
      }}
    />
  );
}

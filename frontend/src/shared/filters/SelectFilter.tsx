import { Select } from "antd";
import { useTranslation } from "@/i18n";

interface Props {
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | null) => void;
}

/** One condition of a list with few values, named in front of its value. */
export function SelectFilter({ label, value, options, onChange }: Props) {
  const { t } = useTranslation("common");
  return (
    <Select
      aria-label={label}
      prefix={<span style={{ color: "var(--ink3)" }}>{label}</span>}
      value={value ?? ""}
      options={[{ value: "", label: t("all") }, ...options]}
      popupMatchSelectWidth={false}
      onChange={(next: string) => onChange(next || null)}
    />
  );
}

import { Input, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact, fen, type MoneyUnit, typed, unitOf, yuanOf } from "@/shared/money";

interface Props {
  /** In yuan, as the API writes it. What is no amount is handed on as it was typed, for the service to refuse. */
  value?: string | null;
  onChange?: (yuan: string | null) => void;
  id?: string;
  placeholder?: string;
  autoFocus?: boolean;
}

const AMOUNT = /^\d+(\.\d{1,2})?$/;

/** An amount in the unit people speak of it in. */
export function MoneyField({ value = null, onChange, id, placeholder, autoFocus }: Props) {
  const { t } = useTranslation("common");
  const isAmount = value !== null && AMOUNT.test(value);
  const [unit, setUnit] = useState<MoneyUnit>(isAmount ? unitOf(fen(value)) : "yi");
  const [text, setText] = useState(isAmount ? exact(fen(value), unit) : (value ?? ""));
  const [given, setGiven] = useState(value);
  // Filled in from outside, such as by a draft.
  if (value !== given) {
    setGiven(value);
    setText(isAmount ? exact(fen(value), unit) : (value ?? ""));
  }
  const say = (nextText: string, nextUnit: MoneyUnit) => {
    const amount = typed(nextText, nextUnit);
    const next = amount === null ? nextText.trim() || null : yuanOf(amount);
    setText(nextText);
    setUnit(nextUnit);
    setGiven(next);
    onChange?.(next);
  };
  return (
    <Space.Compact block>
      <Input
        id={id}
        value={text}
        inputMode="decimal"
        placeholder={placeholder}
        autoFocus={autoFocus}
        onChange={(event) => say(event.target.value, unit)}
      />
      <Select
        aria-label={t("unit.yuan")}
        value={unit}
        style={{ width: 84 }}
        options={(["yi", "wan", "yuan"] as const).map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next) => say(text, next)}
      />
    </Space.Compact>
  );
}

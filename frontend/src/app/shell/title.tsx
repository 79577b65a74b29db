/** The title of a page, shown in the top bar and named to the browser. */
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "@/i18n";

const Context = createContext<[HTMLElement | null, (element: HTMLElement | null) => void]>([null, () => undefined]);

export function TitleSlot({ children }: { children: ReactNode }) {
  const slot = useState<HTMLElement | null>(null);
  return <Context value={slot}>{children}</Context>;
}

/** Returns the reference of the element that holds the title. */
export function useTitleSlot() {
  return useContext(Context)[1];
}

/** Shows the title of the page in the top bar. `text` names it to the browser; `children` may say more, such as a
 * breadcrumb. */
export function Title({ text, children }: { text: string; children?: ReactNode }) {
  const { t } = useTranslation("common");
  const [slot] = useContext(Context);
  useEffect(() => {
    document.title = `${text} · ${t("product")}`;
  }, [text, t]);
  return slot && createPortal(children ?? <h1>{text}</h1>, slot);
}

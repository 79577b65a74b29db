/** The address of a page holds its filters, page, sort and tab as the API names them: one text a parameter. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Record<string, string>;
export type SearchChange = Record<string, string | number | boolean | null | undefined>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  // Commas separate values of one parameter, and read better as they are.
  return text ? `?${text.replaceAll("%2C", ",")}` : "";
}

/** Returns the parameters of the page, and a function that changes some of them; null takes one away. */
export function usePageSearch(): [Search, (change: SearchChange, options?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: SearchChange, options?: { push?: boolean }) => {
      void navigate({
        to: ".",
        search: ((previous: Search) => {
          const next = { ...previous, ...changes };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null && value !== undefined && value !== ""));
        }) as never,
        replace: !options?.push,
      });
    },
    [navigate],
  );
  return [search, change];
}

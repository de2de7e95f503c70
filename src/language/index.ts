export const summaryMap = (kind: string, _values: object): { en: string; de: string } => ({ en: kind, de: kind });

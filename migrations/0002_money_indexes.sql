-- Money finds its way back: by the bank's serial, by what still waits, by what was paid and has not arrived.
-- A serial is the bank's name of one movement of money, whatever account the line names: the same serial again is no new money.
CREATE INDEX money_line_by_serial ON money_line (bank, value_date, serial);
-- Lines that wait in suspense or are being settled: a handful among millions.
CREATE INDEX money_line_open ON money_line (bank, money_no) WHERE booking IN ('suspend', 'settling', 'explaining');
-- Paid debits whose money has not arrived.
CREATE INDEX debit_unsettled ON debit (bank, bank_date) WHERE settled_by IS NULL AND taken_fen IS NOT NULL;

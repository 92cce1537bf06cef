-- Why a plan did or did not win, in Dutch too.
ALTER TABLE proposals.plan
  ADD COLUMN sentence_nl text NOT NULL DEFAULT '';
GRANT UPDATE (sentence_nl) ON proposals.plan TO proposals_app;

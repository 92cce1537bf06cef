-- What is published of a log: where the ballots of a voting key stand in it, and after
-- certification what the ballots that count were for.

-- A ballot leaf has its voting key at byte 20, counted from 1; nothing is stored beside the leaf.
CREATE INDEX log_leaf_of_key ON ballots.log_leaf (round_id, substring(leaf FROM 20 FOR 32))
  WHERE get_byte(leaf, 0) = 2;

-- Of the leaves from `first` on, below `past`, those that count, with their openings.
CREATE FUNCTION ballots.certified_openings(round uuid, first bigint, past bigint)
RETURNS TABLE (class_id integer, leaf_hash bytea, choice bytea, nonce bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ballots.round r WHERE r.round_id = round AND r.state = 5) THEN
    RAISE EXCEPTION 'openings are published after certification'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT h.class_id, h.last_leaf, h.choice, h.nonce
                 FROM ballots.log_leaf l
                 JOIN ballots.cast_head h
                   ON h.round_id = l.round_id
                  AND h.voting_key = substring(l.leaf FROM 20 FOR 32)
                  AND h.last_leaf = l.leaf_hash
                WHERE l.round_id = round AND l.idx >= first AND l.idx < past
                ORDER BY l.idx;
END $$;
GRANT EXECUTE ON FUNCTION ballots.certified_openings(uuid, bigint, bigint) TO ballots_app;

//! The tables as diesel sees them: one schema for both databases, kept in step with migrations/ by hand.

diesel::table! {
    audit_entries (id) {
        id -> Text,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        event_id -> Nullable<Text>,
        registration_id -> Nullable<Text>,
        facts -> Text,
        reason -> Nullable<Text>,
    }
}

// A view: the entries, and the scans.
diesel::table! {
    audit_trail (id) {
        id -> Text,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        event_id -> Nullable<Text>,
        registration_id -> Nullable<Text>,
        facts -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    audit_values (id) {
        id -> Text,
        person_id -> Text,
        value -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        run_at -> Timestamp,
        attempts -> Integer,
        claimed_until -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    letters (id) {
        id -> Text,
        kind -> Text,
        person_id -> Nullable<Text>,
        registration_id -> Nullable<Text>,
        event_id -> Nullable<Text>,
        to_email -> Text,
        to_name -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        calendar -> Nullable<Text>,
        badge_text -> Nullable<Text>,
        confidential -> Bool,
        state -> Text,
        attempts -> Integer,
        next_try_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    idempotent_answers (id) {
        id -> Text,
        body_hash -> Text,
        status -> Integer,
        answer -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    installation (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        kind -> Text,
        zone -> Text,
        starts_on -> Date,
        ends_on -> Date,
        currency -> Text,
        claims_close_on -> Nullable<Date>,
        published -> Bool,
        summary -> Text,
        venue -> Text,
        address -> Text,
        help_email -> Text,
        help_phone -> Text,
        hotel_block_closes_on -> Nullable<Date>,
        wifi_network -> Text,
        wifi_password -> Text,
        invoice_due_days -> Integer,
        unpaid_at_door -> Text,
        selection_closes_minutes_before -> Integer,
        recognized_discount_percent -> Integer,
        unclaimed_after_minutes -> Integer,
        missing_exit -> Text,
        missing_exit_minutes -> Integer,
        tag_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    info_items (id) {
        id -> Text,
        event_id -> Text,
        topic -> Text,
        title -> Text,
        body -> Text,
        audience -> Text,
        position -> Integer,
    }
}

diesel::table! {
    badge_places (id) {
        id -> Text,
        event_id -> Text,
        place -> Text,
        opens_at -> Timestamp,
        closes_at -> Timestamp,
        audience -> Text,
        changed_at -> Nullable<Timestamp>,
        changed_from -> Nullable<Text>,
    }
}

diesel::table! {
    tracks (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        name -> Text,
        position -> Integer,
    }
}

diesel::table! {
    rooms (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        name -> Text,
        capacity -> Nullable<Integer>,
        position -> Integer,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        kind -> Text,
        title -> Text,
        abstract_text -> Text,
        speakers -> Text,
        track_id -> Nullable<Text>,
        room_id -> Nullable<Text>,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        capacity -> Nullable<Integer>,
        registration_required -> Bool,
        included -> Bool,
        price_cents -> Nullable<BigInt>,
        discountable -> Bool,
        recorded -> Bool,
        repeats_session_id -> Nullable<Text>,
        external_id -> Nullable<Text>,
        calendar_sequence -> Integer,
        canceled_at -> Nullable<Timestamp>,
        pssm -> Text,
        pssm_also -> Text,
    }
}

diesel::table! {
    staff (id) {
        id -> Text,
        email -> Text,
        email_key -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    staff_roles (id) {
        id -> Text,
        staff_id -> Text,
        role -> Text,
        event_id -> Nullable<Text>,
    }
}

diesel::table! {
    staff_sign_ins (id) {
        id -> Text,
        staff_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    staff_links (id) {
        id -> Text,
        staff_id -> Text,
        token_hash -> Text,
        purpose -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    hospitals (id) {
        id -> Text,
        ccn -> Nullable<Text>,
        name -> Text,
        address -> Text,
        city -> Text,
        state -> Text,
        zip -> Text,
        county -> Text,
        phone -> Text,
        kind -> Text,
        ownership -> Text,
        beds -> Nullable<Integer>,
        search_key -> Text,
        source -> Text,
        gone_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    hospital_domains (id) {
        id -> Text,
        hospital_id -> Text,
        domain -> Text,
    }
}

diesel::table! {
    recognitions (id) {
        id -> Text,
        hospital_id -> Text,
        term_starts_on -> Date,
        term_ends_on -> Date,
        conditional -> Bool,
        approved_on -> Nullable<Date>,
        paid_on -> Nullable<Date>,
        revoked_on -> Nullable<Date>,
    }
}

diesel::table! {
    hospital_codes (id) {
        id -> Text,
        hospital_id -> Text,
        event_id -> Nullable<Text>,
        code -> Text,
        code_key -> Text,
        cap -> Integer,
        expires_on -> Date,
    }
}

diesel::table! {
    people (id) {
        id -> Text,
        email -> Text,
        email_key -> Text,
        given_name -> Text,
        family_name -> Text,
        family_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mailed_codes (id) {
        id -> Text,
        purpose -> Text,
        person_id -> Nullable<Text>,
        email_key -> Text,
        link_hash -> Text,
        code_hash -> Text,
        failed_tries -> Integer,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    attendee_sign_ins (id) {
        id -> Text,
        person_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    registration_types (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        name -> Text,
        description -> Text,
        capacity -> Nullable<Integer>,
        sale_opens_on -> Nullable<Date>,
        sale_closes_on -> Nullable<Date>,
        eligibility -> Text,
        access_code_key -> Nullable<Text>,
        discountable -> Bool,
        covers_all -> Bool,
        position -> Integer,
    }
}

diesel::table! {
    covered_sessions (id) {
        id -> Text,
        registration_type_id -> Text,
        session_id -> Text,
    }
}

diesel::table! {
    price_tiers (id) {
        id -> Text,
        registration_type_id -> Text,
        name -> Text,
        price_cents -> BigInt,
        until -> Nullable<Date>,
        position -> Integer,
    }
}

diesel::table! {
    discount_codes (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        code_key -> Text,
        kind -> Text,
        percent -> Integer,
        cap -> Integer,
        expires_on -> Date,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        buyer_name -> Text,
        buyer_email -> Text,
        buyer_organization -> Text,
        payment -> Text,
        currency -> Text,
        due_on -> Nullable<Date>,
        placed_at -> Timestamp,
    }
}

diesel::table! {
    drafts (id) {
        id -> Text,
        event_id -> Text,
        token_hash -> Text,
        content -> Text,
        verified_email_key -> Nullable<Text>,
        order_id -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    registrations (id) {
        id -> Text,
        event_id -> Text,
        order_id -> Text,
        person_id -> Text,
        registration_type_id -> Text,
        code -> Text,
        status -> Text,
        given_name -> Text,
        family_name -> Text,
        badge_name -> Text,
        certificate_name -> Text,
        credentials -> Text,
        profession -> Text,
        organization -> Text,
        hospital_id -> Nullable<Text>,
        dietary -> Text,
        accommodation -> Text,
        represents -> Text,
        sponsors_opt_in -> Bool,
        search_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    cancellations (id) {
        id -> Text,
        registration_id -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Text,
        order_id -> Text,
        registration_id -> Text,
        item_kind -> Text,
        item_code -> Text,
        description -> Text,
        list_cents -> BigInt,
        discount_cents -> BigInt,
        net_cents -> BigInt,
        discountable -> Bool,
        discount_kind -> Nullable<Text>,
        discount_code_id -> Nullable<Text>,
        hospital_code_id -> Nullable<Text>,
        candidates -> Text,
        position -> Integer,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        order_id -> Text,
        registration_id -> Nullable<Text>,
        kind -> Text,
        amount_cents -> BigInt,
        reference -> Text,
        actor -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    discount_claims (id) {
        id -> Text,
        event_id -> Text,
        registration_id -> Text,
        hospital_id -> Text,
        proof -> Text,
        doubt -> Nullable<Text>,
        status -> Text,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    enrollments (id) {
        id -> Text,
        session_id -> Text,
        registration_id -> Text,
        status -> Text,
        queued_at -> Timestamp,
        passed_over_at -> Nullable<Timestamp>,
        left_at -> Nullable<Timestamp>,
        given_away_at -> Nullable<Timestamp>,
        taken_at_door -> Bool,
    }
}

diesel::table! {
    badges (id) {
        id -> Text,
        registration_id -> Text,
        number -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    prints (id) {
        id -> Text,
        event_id -> Text,
        layout -> Text,
        backs -> Bool,
        first_slot -> Integer,
        printed_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    printed_badges (id) {
        id -> Text,
        print_id -> Text,
        badge_id -> Text,
        position -> Integer,
        name -> Text,
        front -> Text,
    }
}

diesel::table! {
    badge_printers (event_id) {
        event_id -> Text,
        layout -> Text,
        backs -> Bool,
    }
}

diesel::table! {
    checkpoints (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        kind -> Text,
        name -> Text,
        session_id -> Nullable<Text>,
        in_only -> Bool,
    }
}

diesel::table! {
    checkpoint_windows (id) {
        id -> Text,
        checkpoint_id -> Text,
        opens_at -> Timestamp,
        closes_at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        token_hash -> Text,
        label -> Text,
        role -> Text,
        event_id -> Nullable<Text>,
        checkpoint_id -> Nullable<Text>,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    scans (id) {
        id -> Text,
        checkpoint_id -> Text,
        badge_id -> Nullable<Text>,
        registration_id -> Nullable<Text>,
        direction -> Text,
        outcome -> Text,
        answer -> Text,
        scanned_at -> Timestamp,
        received_at -> Timestamp,
        clock_offset_ms -> BigInt,
        offline -> Bool,
        decided -> Nullable<Text>,
        override_reason -> Nullable<Text>,
        actor -> Text,
        event_id -> Nullable<Text>,
        checkpoint_code -> Nullable<Text>,
        session_id -> Nullable<Text>,
        marked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    marks_by_hand (id) {
        id -> Text,
        session_id -> Text,
        registration_id -> Text,
        direction -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Nullable<Text>,
        entered_at -> Nullable<Timestamp>,
    }
}

// A view: what scans and marks by hand say of who was where.
diesel::table! {
    attendance_marks (id) {
        id -> Text,
        session_id -> Text,
        registration_id -> Text,
        direction -> Text,
        at -> Timestamp,
        scan_id -> Nullable<Text>,
        actor -> Text,
        reason -> Nullable<Text>,
        entered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    voided_marks (mark_id) {
        mark_id -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    collisions (id) {
        id -> Text,
        event_id -> Text,
        kind -> Text,
        registration_id -> Nullable<Text>,
        scan_id -> Text,
        other_scan_id -> Nullable<Text>,
        found_at -> Timestamp,
    }
}

diesel::table! {
    collision_decisions (collision_id) {
        collision_id -> Text,
        ruling -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    presences (session_id, registration_id) {
        session_id -> Text,
        registration_id -> Text,
        inside -> Bool,
        since -> Timestamp,
    }
}

diesel::table! {
    room_counts (session_id, slot) {
        session_id -> Text,
        slot -> Integer,
        inside -> Integer,
    }
}

diesel::table! {
    devices (id) {
        id -> Text,
        event_id -> Text,
        name -> Text,
        every_door -> Bool,
        may_override -> Bool,
        made_at -> Timestamp,
        made_by -> Text,
        expires_at -> Timestamp,
        token_hash -> Nullable<Text>,
        paired_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    device_checkpoints (device_id, checkpoint_id) {
        device_id -> Text,
        checkpoint_id -> Text,
    }
}

diesel::table! {
    pairing_codes (id) {
        id -> Text,
        device_id -> Text,
        link_hash -> Text,
        code_hash -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    device_reports (device_id) {
        device_id -> Text,
        seen_at -> Timestamp,
        checkpoint_code -> Text,
        battery -> Nullable<Integer>,
        charging -> Nullable<Bool>,
        queued -> Integer,
        oldest_queued_at -> Nullable<Timestamp>,
        app_version -> Text,
    }
}

diesel::table! {
    evaluation_forms (id) {
        id -> Text,
        event_id -> Text,
        scope -> Text,
        role -> Text,
        version -> Integer,
        made_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    evaluation_questions (id) {
        id -> Text,
        form_id -> Text,
        code -> Text,
        kind -> Text,
        prompt -> Text,
        options -> Text,
        required -> Bool,
        level -> Text,
        position -> Integer,
    }
}

diesel::table! {
    evaluation_drafts (registration_id, subject) {
        registration_id -> Text,
        subject -> Text,
        answers -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    evaluation_completions (registration_id, subject) {
        registration_id -> Text,
        subject -> Text,
        form_id -> Text,
        completed_at -> Timestamp,
    }
}

diesel::table! {
    evaluation_responses (id) {
        id -> Text,
        form_id -> Text,
        session_id -> Nullable<Text>,
    }
}

diesel::table! {
    evaluation_answers (response_id, question_id) {
        response_id -> Text,
        question_id -> Text,
        value -> Text,
        explanation -> Text,
    }
}

diesel::table! {
    credit_providers (event_id) {
        event_id -> Text,
        name -> Text,
        address -> Text,
        web_address -> Text,
        joint_with -> Text,
        accme_number -> Text,
        acpe_number -> Text,
        ancc_number -> Text,
        aswb_number -> Text,
        cep_number -> Text,
        signatory -> Text,
        signatory_post -> Text,
    }
}

diesel::table! {
    credit_types (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        professions -> Text,
        switched_on_at -> Timestamp,
    }
}

diesel::table! {
    credit_rules (id) {
        id -> Text,
        credit_type_id -> Text,
        version -> Integer,
        method -> Text,
        threshold_percent -> Integer,
        grace_minutes -> Integer,
        unit_minutes -> Integer,
        increment_hundredths -> Integer,
        minimum_hundredths -> Integer,
        rounding -> Text,
        missing_exit -> Text,
        missing_exit_minutes -> Integer,
        made_at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    credit_statements (id) {
        id -> Text,
        event_id -> Text,
        kind -> Text,
        version -> Integer,
        words -> Text,
        made_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    credit_activities (id) {
        id -> Text,
        event_id -> Text,
        code -> Text,
        title -> Text,
        format -> Text,
        pars_id -> Text,
        uan -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    activity_sessions (activity_id, session_id) {
        activity_id -> Text,
        session_id -> Text,
        minutes -> Integer,
    }
}

diesel::table! {
    designations (id) {
        id -> Text,
        activity_id -> Text,
        credit_type_id -> Text,
        maximum_hundredths -> Integer,
        designated_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    disclosures (id) {
        id -> Text,
        session_id -> Text,
        nothing_to_disclose -> Bool,
        words -> Text,
        mitigation -> Text,
        published_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    session_presenters (session_id, registration_id) {
        session_id -> Text,
        registration_id -> Text,
    }
}

diesel::table! {
    attestations (id) {
        id -> Text,
        registration_id -> Text,
        session_id -> Text,
        minutes -> Integer,
        at -> Timestamp,
        actor -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    credit_claims (id) {
        id -> Text,
        registration_id -> Text,
        activity_id -> Text,
        credit_type_id -> Text,
        rule_id -> Text,
        hundredths -> Integer,
        decided_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    credit_claim_lines (id) {
        id -> Text,
        claim_id -> Text,
        registration_id -> Text,
        session_id -> Text,
        minutes -> Integer,
        hundredths -> Integer,
    }
}

diesel::table! {
    claim_reversals (claim_id) {
        claim_id -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    claim_extensions (id) {
        id -> Text,
        event_id -> Text,
        registration_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        until_on -> Date,
        reason -> Text,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    late_requests (id) {
        id -> Text,
        event_id -> Text,
        registration_id -> Text,
        words -> Text,
        asked_at -> Timestamp,
    }
}

diesel::table! {
    late_decisions (request_id) {
        request_id -> Text,
        approved -> Bool,
        reply -> Text,
        extension_id -> Nullable<Text>,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    claim_reminders (registration_id, occasion) {
        registration_id -> Text,
        occasion -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    licenses (id) {
        id -> Text,
        person_id -> Text,
        state -> Text,
        profession -> Text,
        number -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    learner_details (person_id) {
        person_id -> Text,
        npi -> Text,
        specialty -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    reporting_identities (person_id) {
        person_id -> Text,
        sealed -> Text,
        entered_at -> Timestamp,
    }
}

diesel::table! {
    report_settings (event_id) {
        event_id -> Text,
        ce_broker_provider -> Text,
        ce_broker_states -> Text,
        acknowledged_on -> Nullable<Date>,
    }
}

diesel::table! {
    report_courses (activity_id) {
        activity_id -> Text,
        course -> Text,
        subject_area -> Text,
    }
}

diesel::table! {
    report_exports (id) {
        id -> Text,
        event_id -> Text,
        kind -> Text,
        format -> Text,
        row_count -> Integer,
        made_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    report_lines (id) {
        id -> Text,
        export_id -> Text,
        kind -> Text,
        registration_id -> Text,
        activity_id -> Text,
        target -> Text,
        action -> Text,
        hundredths -> Integer,
    }
}

diesel::table! {
    detail_requests (registration_id, kind) {
        registration_id -> Text,
        kind -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    certificates (id) {
        id -> Text,
        serial -> Text,
        registration_id -> Text,
        subject -> Text,
        activity_id -> Nullable<Text>,
        credit_type_id -> Nullable<Text>,
        issued_at -> Timestamp,
    }
}

diesel::table! {
    certificate_versions (id) {
        id -> Text,
        certificate_id -> Text,
        version -> Integer,
        credential_id -> Text,
        cause -> Text,
        reason -> Text,
        hundredths -> Integer,
        printed -> Text,
        issued_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    certificate_revocations (version_id) {
        version_id -> Text,
        withdrawn -> Bool,
        reason -> Text,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    certificate_runs (id) {
        id -> Text,
        event_id -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        actor -> Text,
    }
}

diesel::table! {
    certificate_run_people (run_id, registration_id) {
        run_id -> Text,
        registration_id -> Text,
        outcome -> Nullable<Text>,
        lacks -> Text,
        issued -> Integer,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        algorithm -> Text,
        modulus -> Text,
        exponent -> Text,
        sealed -> Nullable<Text>,
        made_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        actor -> Text,
    }
}

diesel::table! {
    status_lists (id) {
        id -> Text,
        event_id -> Text,
        number -> Integer,
        holds -> Integer,
        made_at -> Timestamp,
    }
}

diesel::table! {
    open_badges (version_id) {
        version_id -> Text,
        list_id -> Text,
        place -> Integer,
        subject -> Text,
        salt -> Text,
        made_at -> Timestamp,
        key_id -> Nullable<Text>,
        credential -> Nullable<Text>,
    }
}

diesel::table! {
    activity_alignments (activity_id, statement) {
        activity_id -> Text,
        statement -> Text,
    }
}

diesel::table! {
    open_badge_stops (event_id) {
        event_id -> Text,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        event_id -> Text,
        purpose -> Text,
        object_key -> Text,
        original_name -> Text,
        media_type -> Nullable<Text>,
        size_bytes -> BigInt,
        received_bytes -> BigInt,
        parts -> Integer,
        sum_state -> Text,
        sha256 -> Nullable<Text>,
        begun -> Nullable<Text>,
        is_ours -> Bool,
        actor -> Text,
        created_at -> Timestamp,
        touched_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        kept_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    upload_parts (upload_id, number) {
        upload_id -> Text,
        number -> Integer,
        content_id -> Text,
        bytes -> BigInt,
    }
}

diesel::table! {
    object_removals (object_key) {
        object_key -> Text,
        begun -> Nullable<Text>,
        wanted_at -> Timestamp,
    }
}

diesel::table! {
    recording_settings (event_id) {
        event_id -> Text,
        closes_on -> Date,
        due_days -> Integer,
    }
}

diesel::table! {
    types_without_recordings (registration_type_id) {
        registration_type_id -> Text,
    }
}

diesel::table! {
    recordings (id) {
        id -> Text,
        session_id -> Text,
        upload_id -> Text,
        added_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    recording_publications (recording_id) {
        recording_id -> Text,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    captions (recording_id, language) {
        recording_id -> Text,
        language -> Text,
        body -> Text,
        cues -> Integer,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    recording_letters (session_id, registration_id) {
        session_id -> Text,
        registration_id -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    recording_views (recording_id, person_id) {
        recording_id -> Text,
        person_id -> Text,
        watched -> Text,
        watched_ms -> BigInt,
        position_ms -> BigInt,
        duration_ms -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    pssm_versions (id) {
        id -> Text,
        number -> Integer,
        framework -> Text,
        address -> Text,
        from_on -> Date,
        made_at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    pssm_words (version_id, code) {
        version_id -> Text,
        code -> Text,
        words -> Text,
    }
}

diesel::table! {
    pssm_links (hospital_id) {
        hospital_id -> Text,
        secret_hash -> Text,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    announcements (id) {
        id -> Text,
        event_id -> Text,
        title -> Text,
        body -> Text,
        registration_type_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        posted_at -> Timestamp,
        changed_at -> Nullable<Timestamp>,
        taken_down_at -> Nullable<Timestamp>,
        actor -> Text,
    }
}

diesel::table! {
    help_questions (id) {
        id -> Text,
        event_id -> Text,
        registration_id -> Text,
        question -> Text,
        asked_at -> Timestamp,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
    }
}

diesel::table! {
    daily_letters (id) {
        id -> Text,
        event_id -> Text,
        subject -> Text,
        body -> Text,
        registration_type_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        about_on -> Date,
        send_at -> Nullable<Timestamp>,
        made_at -> Timestamp,
        actor -> Text,
        begun_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    daily_letter_people (daily_letter_id, registration_id) {
        daily_letter_id -> Text,
        registration_id -> Text,
        written_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    materials (id) {
        id -> Text,
        session_id -> Text,
        title -> Text,
        added_at -> Timestamp,
        taken_down_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    material_invitations (id) {
        id -> Text,
        session_id -> Text,
        speaker -> Text,
        secret_hash -> Text,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        actor -> Text,
    }
}

diesel::table! {
    material_versions (id) {
        id -> Text,
        material_id -> Text,
        number -> Integer,
        upload_id -> Nullable<Text>,
        link -> Nullable<Text>,
        added_at -> Timestamp,
        actor -> Text,
        invitation_id -> Nullable<Text>,
        shown_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webinar_platforms (session_id) {
        session_id -> Text,
        address -> Text,
        set_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    join_links (id) {
        id -> Text,
        session_id -> Text,
        registration_id -> Text,
        made_at -> Timestamp,
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webinar_joins (id) {
        id -> Text,
        join_link_id -> Text,
        session_id -> Text,
        registration_id -> Text,
        browser -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    webinar_letters (session_id, registration_id, number) {
        session_id -> Text,
        registration_id -> Text,
        number -> Integer,
        occasion -> Text,
        starts_at -> Timestamp,
        at -> Timestamp,
    }
}

diesel::table! {
    conversions (registration_id) {
        registration_id -> Text,
        from_type_id -> Text,
        from_order_id -> Text,
        order_id -> Text,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    ended_conversions (order_id) {
        order_id -> Text,
        registration_id -> Text,
        from_type_id -> Text,
        from_order_id -> Text,
        at -> Timestamp,
        actor -> Text,
        ended_at -> Timestamp,
        ended_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    participant_reports (id) {
        id -> Text,
        session_id -> Text,
        meeting -> Text,
        layout -> Text,
        zone -> Text,
        generated_at -> Nullable<Timestamp>,
        row_count -> Integer,
        unread -> Integer,
        imported_at -> Timestamp,
        actor -> Text,
        first_at -> Timestamp,
        last_at -> Timestamp,
    }
}

diesel::table! {
    report_ends (report_id) {
        report_id -> Text,
        replaced_by -> Nullable<Text>,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    participants (id) {
        id -> Text,
        report_id -> Text,
        session_id -> Text,
        identity -> Text,
        name -> Text,
        email -> Text,
        part -> Text,
        standing -> Text,
        registration_id -> Nullable<Text>,
    }
}

diesel::table! {
    participant_stays (id) {
        id -> Text,
        participant_id -> Text,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        at_least -> Bool,
    }
}

diesel::table! {
    participant_decisions (session_id, identity) {
        session_id -> Text,
        identity -> Text,
        registration_id -> Nullable<Text>,
        at -> Timestamp,
        actor -> Text,
    }
}

diesel::joinable!(webinar_platforms -> sessions (session_id));
diesel::joinable!(join_links -> sessions (session_id));
diesel::joinable!(join_links -> registrations (registration_id));
diesel::joinable!(webinar_joins -> join_links (join_link_id));
diesel::joinable!(webinar_joins -> sessions (session_id));
diesel::joinable!(webinar_joins -> registrations (registration_id));
diesel::joinable!(webinar_letters -> sessions (session_id));
diesel::joinable!(webinar_letters -> registrations (registration_id));
diesel::joinable!(conversions -> registrations (registration_id));
diesel::joinable!(conversions -> registration_types (from_type_id));
diesel::joinable!(participant_reports -> sessions (session_id));
diesel::joinable!(participants -> participant_reports (report_id));
diesel::joinable!(participants -> sessions (session_id));
diesel::joinable!(participants -> registrations (registration_id));
diesel::joinable!(participant_stays -> participants (participant_id));
diesel::joinable!(participant_decisions -> sessions (session_id));
diesel::joinable!(participant_decisions -> registrations (registration_id));
diesel::joinable!(report_ends -> participant_reports (report_id));
diesel::joinable!(info_items -> events (event_id));
diesel::joinable!(badge_places -> events (event_id));
diesel::joinable!(tracks -> events (event_id));
diesel::joinable!(rooms -> events (event_id));
diesel::joinable!(sessions -> events (event_id));
diesel::joinable!(sessions -> tracks (track_id));
diesel::joinable!(sessions -> rooms (room_id));
diesel::joinable!(staff_roles -> staff (staff_id));
diesel::joinable!(staff_roles -> events (event_id));
diesel::joinable!(staff_sign_ins -> staff (staff_id));
diesel::joinable!(staff_links -> staff (staff_id));
diesel::joinable!(hospital_domains -> hospitals (hospital_id));
diesel::joinable!(recognitions -> hospitals (hospital_id));
diesel::joinable!(hospital_codes -> hospitals (hospital_id));
diesel::joinable!(hospital_codes -> events (event_id));
diesel::joinable!(mailed_codes -> people (person_id));
diesel::joinable!(attendee_sign_ins -> people (person_id));
diesel::joinable!(registration_types -> events (event_id));
diesel::joinable!(covered_sessions -> registration_types (registration_type_id));
diesel::joinable!(covered_sessions -> sessions (session_id));
diesel::joinable!(price_tiers -> registration_types (registration_type_id));
diesel::joinable!(discount_codes -> events (event_id));
diesel::joinable!(orders -> events (event_id));
diesel::joinable!(drafts -> events (event_id));
diesel::joinable!(drafts -> orders (order_id));
diesel::joinable!(registrations -> events (event_id));
diesel::joinable!(registrations -> orders (order_id));
diesel::joinable!(registrations -> people (person_id));
diesel::joinable!(registrations -> registration_types (registration_type_id));
diesel::joinable!(registrations -> hospitals (hospital_id));
diesel::joinable!(cancellations -> registrations (registration_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(order_lines -> registrations (registration_id));
diesel::joinable!(order_lines -> discount_codes (discount_code_id));
diesel::joinable!(order_lines -> hospital_codes (hospital_code_id));
diesel::joinable!(payments -> orders (order_id));
diesel::joinable!(discount_claims -> events (event_id));
diesel::joinable!(discount_claims -> registrations (registration_id));
diesel::joinable!(discount_claims -> hospitals (hospital_id));
diesel::joinable!(enrollments -> sessions (session_id));
diesel::joinable!(enrollments -> registrations (registration_id));
diesel::joinable!(badges -> registrations (registration_id));
diesel::joinable!(prints -> events (event_id));
diesel::joinable!(printed_badges -> prints (print_id));
diesel::joinable!(printed_badges -> badges (badge_id));
diesel::joinable!(badge_printers -> events (event_id));
diesel::joinable!(checkpoints -> events (event_id));
diesel::joinable!(checkpoints -> sessions (session_id));
diesel::joinable!(checkpoint_windows -> checkpoints (checkpoint_id));
diesel::joinable!(api_tokens -> events (event_id));
diesel::joinable!(api_tokens -> checkpoints (checkpoint_id));
diesel::joinable!(scans -> checkpoints (checkpoint_id));
diesel::joinable!(scans -> badges (badge_id));
diesel::joinable!(scans -> registrations (registration_id));
diesel::joinable!(attendance_marks -> sessions (session_id));
diesel::joinable!(attendance_marks -> registrations (registration_id));
diesel::joinable!(attendance_marks -> scans (scan_id));
diesel::joinable!(voided_marks -> attendance_marks (mark_id));
diesel::joinable!(collisions -> registrations (registration_id));
diesel::joinable!(collisions -> scans (scan_id));
diesel::joinable!(collision_decisions -> collisions (collision_id));
diesel::joinable!(presences -> sessions (session_id));
diesel::joinable!(presences -> registrations (registration_id));
diesel::joinable!(room_counts -> sessions (session_id));
diesel::joinable!(devices -> events (event_id));
diesel::joinable!(device_checkpoints -> devices (device_id));
diesel::joinable!(device_checkpoints -> checkpoints (checkpoint_id));
diesel::joinable!(pairing_codes -> devices (device_id));
diesel::joinable!(device_reports -> devices (device_id));
diesel::joinable!(evaluation_forms -> events (event_id));
diesel::joinable!(evaluation_questions -> evaluation_forms (form_id));
diesel::joinable!(evaluation_drafts -> registrations (registration_id));
diesel::joinable!(evaluation_completions -> registrations (registration_id));
diesel::joinable!(evaluation_completions -> evaluation_forms (form_id));
diesel::joinable!(evaluation_responses -> evaluation_forms (form_id));
diesel::joinable!(evaluation_responses -> sessions (session_id));
diesel::joinable!(evaluation_answers -> evaluation_responses (response_id));
diesel::joinable!(evaluation_answers -> evaluation_questions (question_id));
diesel::joinable!(credit_providers -> events (event_id));
diesel::joinable!(credit_types -> events (event_id));
diesel::joinable!(credit_rules -> credit_types (credit_type_id));
diesel::joinable!(credit_statements -> events (event_id));
diesel::joinable!(credit_activities -> events (event_id));
diesel::joinable!(activity_sessions -> credit_activities (activity_id));
diesel::joinable!(activity_sessions -> sessions (session_id));
diesel::joinable!(designations -> credit_activities (activity_id));
diesel::joinable!(designations -> credit_types (credit_type_id));
diesel::joinable!(disclosures -> sessions (session_id));
diesel::joinable!(session_presenters -> sessions (session_id));
diesel::joinable!(session_presenters -> registrations (registration_id));
diesel::joinable!(attestations -> registrations (registration_id));
diesel::joinable!(attestations -> sessions (session_id));
diesel::joinable!(credit_claims -> registrations (registration_id));
diesel::joinable!(credit_claims -> credit_activities (activity_id));
diesel::joinable!(credit_claims -> credit_types (credit_type_id));
diesel::joinable!(credit_claims -> credit_rules (rule_id));
diesel::joinable!(credit_claim_lines -> credit_claims (claim_id));
diesel::joinable!(credit_claim_lines -> registrations (registration_id));
diesel::joinable!(credit_claim_lines -> sessions (session_id));
diesel::joinable!(claim_reversals -> credit_claims (claim_id));
diesel::joinable!(claim_extensions -> events (event_id));
diesel::joinable!(claim_extensions -> registrations (registration_id));
diesel::joinable!(claim_extensions -> sessions (session_id));
diesel::joinable!(late_requests -> events (event_id));
diesel::joinable!(late_requests -> registrations (registration_id));
diesel::joinable!(late_decisions -> late_requests (request_id));
diesel::joinable!(late_decisions -> claim_extensions (extension_id));
diesel::joinable!(claim_reminders -> registrations (registration_id));
diesel::joinable!(report_courses -> credit_activities (activity_id));
diesel::joinable!(report_lines -> report_exports (export_id));
diesel::joinable!(report_lines -> registrations (registration_id));
diesel::joinable!(detail_requests -> registrations (registration_id));
diesel::joinable!(certificates -> registrations (registration_id));
diesel::joinable!(certificates -> credit_activities (activity_id));
diesel::joinable!(certificates -> credit_types (credit_type_id));
diesel::joinable!(certificate_versions -> certificates (certificate_id));
diesel::joinable!(certificate_revocations -> certificate_versions (version_id));
diesel::joinable!(certificate_runs -> events (event_id));
diesel::joinable!(certificate_run_people -> certificate_runs (run_id));
diesel::joinable!(certificate_run_people -> registrations (registration_id));
diesel::joinable!(status_lists -> events (event_id));
diesel::joinable!(open_badges -> certificate_versions (version_id));
diesel::joinable!(open_badges -> status_lists (list_id));
diesel::joinable!(open_badges -> signing_keys (key_id));
diesel::joinable!(activity_alignments -> credit_activities (activity_id));
diesel::joinable!(open_badge_stops -> events (event_id));
diesel::joinable!(recordings -> sessions (session_id));
diesel::joinable!(recording_publications -> recordings (recording_id));

diesel::allow_columns_to_appear_in_same_group_by_clause!(presences::session_id, registrations::profession);

diesel::joinable!(captions -> recordings (recording_id));
diesel::joinable!(recording_letters -> sessions (session_id));
diesel::joinable!(recording_letters -> registrations (registration_id));
diesel::joinable!(recording_views -> recordings (recording_id));
diesel::joinable!(recording_views -> people (person_id));
diesel::joinable!(pssm_words -> pssm_versions (version_id));
diesel::joinable!(pssm_links -> hospitals (hospital_id));
diesel::joinable!(announcements -> events (event_id));
diesel::joinable!(help_questions -> events (event_id));
diesel::joinable!(help_questions -> registrations (registration_id));
diesel::joinable!(daily_letters -> events (event_id));
diesel::joinable!(daily_letter_people -> daily_letters (daily_letter_id));
diesel::joinable!(daily_letter_people -> registrations (registration_id));
diesel::joinable!(materials -> sessions (session_id));
diesel::joinable!(material_invitations -> sessions (session_id));
diesel::joinable!(material_versions -> materials (material_id));
diesel::joinable!(material_versions -> uploads (upload_id));
diesel::joinable!(material_versions -> material_invitations (invitation_id));

/// Tables that stand in one query. Not every pair: of a hundred tables those are ten thousand implementations, and the
/// compiler holds each against all others for most of a minute.
macro_rules! read_together {
    ($($table:ident: $($other:ident)+;)+) => {
        $($(diesel::allow_tables_to_appear_in_same_query!($table, $other);)+)+
    };
}

read_together! {
    audit_entries: audit_trail audit_values hospitals enrollments badges api_tokens attendance_marks voided_marks
        collisions collision_decisions devices pairing_codes reporting_identities uploads object_removals recordings
        captions join_links webinar_joins participant_stays;
    audit_trail: audit_values payments prints printed_badges api_tokens collisions;
    jobs: audit_entries idempotent_answers badge_places hospitals recognitions order_lines enrollments
        evaluation_forms attestations credit_claims claim_reminders reporting_identities report_settings
        detail_requests certificates certificate_runs certificate_run_people uploads object_removals recording_letters
        daily_letters daily_letter_people webinar_letters;
    letters: jobs staff_roles hospitals attendee_sign_ins orders order_lines discount_claims enrollments badges
        api_tokens devices claim_extensions late_requests late_decisions claim_reminders detail_requests certificates
        certificate_versions certificate_revocations uploads recordings recording_publications captions
        recording_letters recording_views help_questions daily_letters daily_letter_people webinar_letters
        conversions;
    events: audit_entries audit_trail jobs letters installation info_items badge_places tracks rooms sessions staff
        staff_roles hospitals hospital_codes people registration_types covered_sessions price_tiers discount_codes
        orders drafts registrations cancellations order_lines payments discount_claims enrollments badges prints
        printed_badges badge_printers checkpoints checkpoint_windows api_tokens scans marks_by_hand attendance_marks
        voided_marks collisions collision_decisions presences room_counts devices device_checkpoints pairing_codes
        device_reports evaluation_forms evaluation_questions evaluation_drafts evaluation_completions
        evaluation_responses evaluation_answers credit_providers credit_types credit_rules credit_statements
        credit_activities activity_sessions designations disclosures session_presenters attestations credit_claims
        credit_claim_lines claim_reversals claim_extensions late_requests late_decisions claim_reminders licenses
        learner_details reporting_identities report_settings report_courses report_exports report_lines
        detail_requests certificates certificate_versions certificate_revocations certificate_runs
        certificate_run_people status_lists open_badges activity_alignments open_badge_stops uploads upload_parts
        object_removals recording_settings types_without_recordings recordings recording_publications captions
        recording_letters recording_views pssm_versions pssm_words announcements help_questions daily_letters
        daily_letter_people materials material_invitations material_versions webinar_platforms webinar_joins
        webinar_letters conversions participant_reports participants participant_stays;
    badge_places: info_items;
    rooms: tracks;
    sessions: audit_entries jobs letters tracks rooms covered_sessions orders drafts order_lines enrollments
        checkpoints scans attendance_marks voided_marks presences room_counts evaluation_responses credit_types
        activity_sessions disclosures session_presenters attestations credit_claims credit_claim_lines claim_reversals
        claim_extensions report_lines certificates uploads recordings recording_publications recording_letters
        materials material_invitations material_versions webinar_platforms join_links webinar_joins webinar_letters
        participant_reports report_ends participants participant_stays participant_decisions;
    staff: audit_entries audit_trail audit_values jobs letters installation sessions staff_roles staff_sign_ins
        staff_links hospitals people orders payments enrollments badges prints printed_badges checkpoints api_tokens
        scans attendance_marks voided_marks collisions collision_decisions presences room_counts devices
        device_checkpoints pairing_codes device_reports evaluation_forms evaluation_drafts evaluation_completions
        evaluation_responses evaluation_answers reporting_identities certificates certificate_versions signing_keys
        status_lists open_badges uploads object_removals recordings captions recording_views join_links webinar_joins
        participant_stays;
    staff_roles: staff_sign_ins;
    hospitals: hospital_domains recognitions hospital_codes registration_types cancellations order_lines
        discount_claims prints printed_badges certificates open_badges pssm_links;
    recognitions: hospital_domains;
    hospital_codes: hospital_domains recognitions;
    people: audit_entries audit_trail audit_values jobs letters staff_roles hospitals hospital_domains recognitions
        hospital_codes mailed_codes attendee_sign_ins registration_types orders cancellations order_lines
        discount_claims enrollments badges prints printed_badges checkpoints checkpoint_windows api_tokens scans
        marks_by_hand attendance_marks voided_marks collisions collision_decisions presences devices
        device_checkpoints pairing_codes device_reports licenses learner_details reporting_identities report_exports
        report_lines certificates certificate_versions certificate_revocations status_lists open_badges uploads
        recording_views conversions;
    attendee_sign_ins: mailed_codes;
    registration_types: covered_sessions price_tiers discount_codes drafts discount_claims prints printed_badges
        checkpoint_windows room_counts conversions;
    covered_sessions: price_tiers discount_codes;
    discount_codes: price_tiers;
    orders: audit_entries audit_trail jobs installation hospitals registration_types drafts cancellations order_lines
        payments discount_claims enrollments badges prints printed_badges checkpoints scans attendance_marks
        collisions room_counts devices certificates open_badges join_links webinar_joins webinar_letters;
    drafts: info_items badge_places tracks rooms covered_sessions price_tiers discount_codes;
    registrations: jobs letters sessions hospitals people registration_types orders cancellations order_lines
        discount_claims enrollments badges prints printed_badges badge_printers checkpoints scans marks_by_hand
        attendance_marks voided_marks collisions collision_decisions presences room_counts evaluation_drafts
        evaluation_completions credit_types activity_sessions session_presenters attestations credit_claims
        credit_claim_lines claim_reversals claim_extensions late_requests late_decisions claim_reminders
        reporting_identities report_settings report_lines detail_requests certificates certificate_versions
        certificate_revocations certificate_runs certificate_run_people status_lists open_badges open_badge_stops
        recording_letters help_questions daily_letter_people join_links webinar_joins webinar_letters conversions
        participants participant_decisions;
    order_lines: hospital_codes discount_codes payments;
    enrollments: audit_trail rooms registration_types order_lines marks_by_hand voided_marks room_counts;
    badges: audit_trail hospitals registration_types cancellations order_lines payments enrollments prints
        printed_badges badge_printers marks_by_hand attendance_marks voided_marks collisions collision_decisions
        room_counts devices pairing_codes;
    prints: printed_badges badge_printers;
    printed_badges: badge_printers;
    checkpoints: rooms hospitals registration_types covered_sessions cancellations enrollments badges prints
        printed_badges checkpoint_windows api_tokens marks_by_hand attendance_marks voided_marks collisions
        collision_decisions room_counts devices device_checkpoints pairing_codes device_reports;
    checkpoint_windows: covered_sessions marks_by_hand device_checkpoints;
    api_tokens: audit_values staff_roles checkpoint_windows device_checkpoints;
    scans: audit_entries audit_trail audit_values installation rooms hospitals registration_types cancellations
        payments enrollments badges prints printed_badges checkpoints checkpoint_windows api_tokens marks_by_hand
        attendance_marks voided_marks collisions collision_decisions room_counts devices device_checkpoints;
    attendance_marks: audit_trail payments enrollments checkpoint_windows marks_by_hand voided_marks collisions
        collision_decisions room_counts attestations recordings recording_views report_ends participants
        participant_stays;
    voided_marks: marks_by_hand attestations report_ends participants participant_stays;
    collisions: prints printed_badges collision_decisions;
    presences: audit_entries audit_trail jobs rooms registration_types orders payments enrollments badges checkpoints
        checkpoint_windows scans marks_by_hand attendance_marks voided_marks collisions room_counts evaluation_drafts
        evaluation_completions evaluation_responses evaluation_answers activity_sessions attestations credit_claims
        credit_claim_lines claim_reversals late_requests certificate_runs certificate_run_people report_ends
        participants participant_stays;
    room_counts: audit_trail rooms covered_sessions payments checkpoint_windows marks_by_hand collisions devices;
    devices: audit_trail audit_values staff_roles prints printed_badges api_tokens collisions device_checkpoints
        pairing_codes device_reports;
    device_checkpoints: pairing_codes device_reports;
    pairing_codes: device_reports;
    evaluation_forms: evaluation_questions evaluation_answers;
    evaluation_completions: evaluation_forms evaluation_drafts evaluation_responses evaluation_answers late_requests;
    evaluation_responses: evaluation_forms evaluation_questions evaluation_drafts evaluation_answers;
    evaluation_answers: evaluation_questions evaluation_drafts;
    credit_providers: credit_statements;
    credit_types: credit_rules designations disclosures report_lines;
    credit_activities: designations report_courses activity_alignments;
    activity_sessions: credit_activities designations;
    disclosures: session_presenters;
    attestations: evaluation_completions activity_sessions credit_claim_lines claim_reversals late_requests
        certificate_runs certificate_run_people;
    credit_claims: evaluation_completions credit_types credit_rules credit_activities activity_sessions designations
        disclosures attestations credit_claim_lines claim_reversals late_requests reporting_identities report_settings
        report_lines certificates certificate_runs certificate_run_people;
    credit_claim_lines: evaluation_completions credit_types activity_sessions disclosures claim_reversals
        late_requests report_lines;
    claim_reversals: evaluation_completions credit_types activity_sessions disclosures late_requests report_lines;
    claim_extensions: late_decisions;
    late_requests: claim_extensions late_decisions;
    licenses: learner_details;
    reporting_identities: report_settings;
    report_settings: report_courses;
    report_lines: report_exports;
    certificates: evaluation_forms credit_types credit_activities designations disclosures credit_claim_lines
        claim_reversals certificate_versions certificate_revocations status_lists open_badges open_badge_stops;
    certificate_versions: certificate_revocations status_lists open_badge_stops;
    certificate_revocations: status_lists;
    certificate_runs: certificate_run_people;
    open_badges: certificate_versions certificate_revocations signing_keys status_lists open_badge_stops;
    uploads: upload_parts object_removals recordings recording_publications captions recording_views materials
        material_versions;
    object_removals: upload_parts;
    recording_settings: types_without_recordings;
    recordings: recording_publications captions recording_views;
    captions: recording_publications;
    recording_views: recording_publications captions;
    pssm_versions: pssm_words;
    daily_letter_people: daily_letters;
    material_versions: materials material_invitations;
    webinar_joins: webinar_platforms join_links webinar_letters report_ends participants participant_stays
        participant_decisions;
    report_ends: participant_reports participant_decisions;
    participants: participant_reports report_ends participant_decisions;
    participant_stays: participant_reports report_ends participants participant_decisions;
}

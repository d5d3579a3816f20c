//! The functions that Kusto has and this crate has not.

/// Scalar and aggregate functions of Kusto, as its reference lists them.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "all", "around", "array_iif", "array_rotate_left", "array_rotate_right", "array_shift_left",
    "array_shift_right", "array_split", "assert", "bag_pack_columns", "base64_decode_toguid",
    "base64_encode_fromarray", "base64_encode_fromguid", "beta_cdf", "beta_inv", "beta_pdf", "bin_auto",
    "buildschema", "cnt", "column_names_of", "columnifexists", "convert_angle", "convert_energy",
    "convert_force", "convert_length", "convert_mass", "convert_speed", "convert_temperature",
    "convert_volume", "cot", "covariance", "covarianceif", "covariancep", "covariancepif", "current_cursor",
    "current_node_id", "current_principal_details", "current_principal_is_member_of", "cursor_after",
    "cursor_before_or_at", "cursor_current", "datepart", "datetime_list_timezones", "datetime_local_to_utc",
    "datetime_utc_to_local", "dcount_hll", "entity_group", "erf", "erfc", "estimate_data_size",
    "extentid", "external_table", "extractall", "format_bytes", "format_ipv4",
    "format_ipv4_mask", "gamma", "geo_angle", "geo_azimuth", "geo_closest_point_on_line",
    "geo_closest_point_on_polygon", "geo_distance_2points", "geo_distance_point_to_line",
    "geo_distance_point_to_polygon", "geo_from_wkt", "geo_geohash_neighbors",
    "geo_geohash_to_central_point", "geo_geohash_to_polygon", "geo_h3cell_children", "geo_h3cell_level",
    "geo_h3cell_neighbors", "geo_h3cell_parent", "geo_h3cell_rings", "geo_h3cell_to_central_point",
    "geo_h3cell_to_polygon", "geo_info_from_ip_address", "geo_intersection_2lines",
    "geo_intersection_2polygons", "geo_intersection_line_with_polygon", "geo_intersects_2lines",
    "geo_intersects_2polygons", "geo_intersects_line_with_polygon", "geo_line_buffer", "geo_line_centroid",
    "geo_line_densify", "geo_line_interpolate_point", "geo_line_length", "geo_line_locate_point",
    "geo_line_simplify", "geo_line_to_s2cells", "geo_point_buffer", "geo_point_in_circle",
    "geo_point_in_polygon", "geo_point_to_geohash", "geo_point_to_h3cell", "geo_point_to_s2cell",
    "geo_polygon_area", "geo_polygon_buffer", "geo_polygon_centroid", "geo_polygon_densify",
    "geo_polygon_perimeter", "geo_polygon_simplify", "geo_polygon_to_h3cells", "geo_polygon_to_s2cells",
    "geo_s2cell_neighbors", "geo_s2cell_to_central_point", "geo_s2cell_to_polygon",
    "geo_simplify_polygons_array", "geo_union_lines_array", "geo_union_polygons_array", "graph",
    "gzip_compress_to_base64_string", "gzip_decompress_from_base64_string", "has_any_ipv4",
    "has_any_ipv4_prefix", "has_ipv4", "has_ipv4_prefix", "hash", "hash_combine", "hash_many", "hash_sha1",
    "hash_xxhash64", "hll", "hll_if", "hll_isvalid", "hll_merge", "indexof_regex",
    "inner_nodes", "ipv4_compare", "ipv4_is_in_any_range", "ipv4_is_in_range", "ipv4_is_match",
    "ipv4_is_private", "ipv4_netmask_suffix", "ipv4_range_to_cidr_list", "ipv6_compare",
    "ipv6_is_in_any_range", "ipv6_is_in_range", "ipv6_is_match", "iscolumnexists", "labels", "loggamma",
    "map", "materialized_view", "merge_tdigest", "node_degree_in", "node_degree_out", "node_id",
    "parse_command_line", "parse_csv", "parse_ipv4", "parse_ipv4_mask", "parse_ipv6", "parse_ipv6_mask",
    "parse_urlquery", "parse_user_agent", "parse_version", "parse_xml", "parseurl", "parseurlquery",
    "passthrough", "percentile_tdigest", "percentiles_array", "percentiles_array_tdigest", "percentilesw",
    "percentilesw_array", "percentilew", "percentrank_tdigest", "punycode_domain_from_string",
    "punycode_domain_to_string", "punycode_from_string", "punycode_to_string", "rank_tdigest",
    "regex_quote", "row_id", "row_rank", "row_rank_dense", "row_rank_min", "row_window_session",
    "rowstore_ordinal_range", "series_abs", "series_acos", "series_add", "series_asin", "series_atan",
    "series_ceiling", "series_cos", "series_decompose", "series_decompose_anomalies",
    "series_decompose_forecast", "series_divide", "series_equals", "series_exp", "series_fft",
    "series_fill_backward", "series_fill_const", "series_fill_forward", "series_fill_linear", "series_fir",
    "series_fit_2lines", "series_fit_2lines_dynamic", "series_fit_line", "series_fit_line_dynamic",
    "series_fit_poly", "series_floor", "series_greater", "series_greater_equals", "series_ifft",
    "series_iir", "series_less", "series_less_equals", "series_log", "series_magnitude", "series_multiply",
    "series_not_equals", "series_outliers", "series_pearson_correlation", "series_periods_detect",
    "series_periods_validate", "series_pow", "series_product", "series_seasonal", "series_sign",
    "series_sin", "series_stats", "series_stats_dynamic", "series_subtract", "series_sum", "series_tan",
    "set_equals", "stored_query_result", "tdigest", "tdigest_isvalid", "tdigest_merge", "totime",
    "welch_test", "zlib_compress_to_base64_string", "zlib_decompress_from_base64_string",
];

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::{aggregates, functions};

    #[test]
    fn none_of_them_is_known_after_all() {
        for name in NAMES {
            assert!(
                functions::find(name).is_none() && aggregates::find(name).is_none(),
                "{name}"
            );
        }
    }
}
